import type { Service } from "../../model/fleet.ts";
import type { Step, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import type { Script } from "../../transport/argv.ts";
import { listensAt } from "./address.ts";
import { gate } from "./gate.ts";
import { type FrontProgram, front, logFile, type RunConfig, releaseFolder, serviceFolder } from "./place.ts";
import type { ServiceFacts } from "./processes.ts";
import type { Strategy } from "./strategy.ts";

export interface SwapInput {
  readonly service: Service;
  readonly strategy: Strategy;
  readonly present: ServiceFacts;
  readonly front: FrontProgram;
  /** The app's folder on the host, absolute: steps work in it. */
  readonly folder: string;
  /** The new process goes by the run's name. */
  readonly run: string;
  readonly release: number;
  readonly config: RunConfig;
}

/** The steps that bring one service's next process into service, and those that bring the former one back. */
export interface Swap {
  /** Before anybody can notice. */
  readonly prepare: readonly Step[];
  /** Until requests reach the new process, which its users' address is then asked for. */
  readonly enter: readonly Step[];
  readonly leave: readonly Step[];
  readonly undo: readonly Undo[];
}

export function swap(input: SwapInput): Swap {
  const { service, strategy, run } = input;
  const parts = new Parts(input);
  const held = parts.holdPort();
  const free = held.map(() => parts.undo(`port-${service.name}`, `port ${service.port} is free again`, parts.act("close")));
  const isNew = parts.undo(`start-${service.name}`, `end the new ${service.name}`, parts.act("stop", run, ...parts.patience));
  const leave = parts.leave();
  switch (strategy.kind) {
    case "run":
      return {
        prepare: [parts.start("prepare", "it runs once and ends"), parts.gate("prepare")],
        enter: [parts.hasRun()],
        leave: [],
        undo: [isNew],
      };
    case "start":
      return {
        prepare: [...held, parts.start("prepare", "it isn't running yet"), parts.gate("prepare")],
        enter: [parts.enter("requests reach it from now on")],
        leave,
        undo: [isNew, ...free],
      };
    case "swap":
      return {
        prepare: [...held, parts.start("prepare", "the former one serves on meanwhile"), parts.gate("prepare")],
        enter: [parts.enter("it answers; what the former one has begun, it finishes")],
        leave,
        undo: [...parts.back(`enter-${service.name}`, strategy.old.name), isNew, ...free],
      };
    case "recreate":
      return {
        prepare: held,
        enter: [
          parts.end(strategy.old.name, strategy.because),
          parts.start("switch", `recreated in place: ${strategy.because}`),
          parts.gate("switch"),
          parts.enter("requests that have waited reach it now"),
        ],
        leave,
        undo: [isNew, ...parts.back(`end-${service.name}`, strategy.old.name), ...free],
      };
  }
}

/** The steps of one service's swap, each by itself. */
class Parts {
  readonly #input: SwapInput;
  readonly #folder: string;
  readonly patience: readonly string[];

  constructor(input: SwapInput) {
    this.#input = input;
    this.#folder = serviceFolder(input.service.name);
    this.patience = ["--patience", String(input.service.drain)];
  }

  act(verb: string, ...words: readonly string[]): Script {
    return front(this.#input.front, verb, this.#folder, ...words);
  }

  undo(of: string, title: string, ...commands: readonly Script[]): Undo {
    return { of, title, action: exec(commands, { cwd: this.#input.folder }) };
  }

  #step(part: string, title: string, because: string, phase: Step["phase"], ...commands: readonly Script[]): Step {
    const { service, folder } = this.#input;
    return { id: `${part}-${service.name}`, title, because, effect: "changes", phase, action: exec(commands, { cwd: folder }) };
  }

  /** Nothing to do where it is held already: who holds it stays, whatever comes and goes behind it. */
  holdPort(): readonly Step[] {
    const { service, present } = this.#input;
    const { port } = service;
    if (port === undefined || present.fronts.some((one) => one.alive && one.port === port)) return [];
    const address = listensAt(service);
    const open = this.act("open", String(port), ...(address ? ["--address", address] : []));
    return [
      {
        ...this.#step(
          "port",
          `hold port ${port}`,
          "whoever holds it passes requests on, so that processes can change behind it",
          "prepare",
          open,
        ),
        fails: { id: "port.busy", title: `port ${port} can't be had`, exit: "refused" },
      },
    ];
  }

  start(phase: Step["phase"], because: string): Step {
    const { service, run, release, config } = this.#input;
    const how = [
      ...["--release", releaseFolder(release), "--log", logFile(service.name)],
      ...(config.listens ? ["--listens"] : []),
      ...config.set.flatMap((pair) => ["--set", pair]),
    ];
    const title = `start ${service.name} of release ${release}`;
    return {
      ...this.#step("start", title, because, phase, this.act("start", run, ...how, "--", ...config.run)),
      fails: { id: "release.unhealthy", title: `${service.name} of release ${release} can't be started` },
    };
  }

  gate(phase: Step["phase"]): Step {
    const { service, run, folder, release } = this.#input;
    const oneOff = service.role === "one-off";
    return {
      id: `gate-${service.name}`,
      title: `${service.name} ${oneOff ? "has ended well" : "healthy"}`,
      because: oneOff ? "what comes after it relies on it" : "a release is live only when it answers",
      effect: "reads",
      phase,
      action: gate(this.#input.front, `${folder}/${this.#folder}`, run, service),
      fails: {
        id: "release.unhealthy",
        title: oneOff
          ? `${service.name} of release ${release} failed`
          : `${service.name} of release ${release} did not become healthy`,
      },
    };
  }

  /** How it ended is what the service is from now on. */
  hasRun(): Step {
    const { service, run } = this.#input;
    return this.#step(
      "enter",
      `${service.name} has run`,
      "the next deploy need not run it again",
      "switch",
      this.act("switch", run),
      this.act("retire", run),
    );
  }

  enter(because: string): Step {
    const { service, run } = this.#input;
    const title = service.port === undefined ? `${service.name} is the new one` : `requests to the new ${service.name}`;
    return this.#step("enter", title, because, "switch", this.act("switch", run));
  }

  /** Requests wait until the next one is there, for as long as an exchange may reasonably take. */
  end(old: string, because: string): Step {
    const { service } = this.#input;
    const pause = service.port === undefined ? [] : [this.act("pause", "--patience", String(service.drain + 10))];
    return this.#step(
      "end",
      `end the former ${service.name}`,
      because,
      "switch",
      ...pause,
      this.act("stop", old, ...this.patience),
    );
  }

  /** Whatever else is there of the service, this run's former process and what earlier runs may have left. */
  leave(): readonly Step[] {
    const { service, present, run } = this.#input;
    const ports = present.fronts.filter(({ port }) => port !== service.port);
    if (present.processes.length === 0 && ports.length === 0) return [];
    const but = service.port === undefined ? [] : ["--but", String(service.port)];
    const commands = [
      this.act("retire", run, ...this.patience),
      ...(ports.length > 0 ? [this.act("close", ...but, ...this.patience)] : []),
    ];
    return [
      this.#step("retire", `retire the former ${service.name}`, "requests under way are waited for first", "switch", ...commands),
    ];
  }

  /** The former process serves again; it is started anew only if it has been ended already. */
  back(of: string, old: string): readonly Undo[] {
    const { service, folder } = this.#input;
    return [
      this.undo(of, `the former ${service.name} runs`, this.act("start", old)),
      {
        of,
        title: `the former ${service.name} healthy`,
        action: gate(this.#input.front, `${folder}/${this.#folder}`, old, service),
      },
      this.undo(
        of,
        service.port === undefined ? `the former ${service.name} is back` : `requests to the former ${service.name}`,
        this.act("switch", old),
      ),
    ];
  }
}
