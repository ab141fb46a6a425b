import type { App, Service } from "../../model/fleet.ts";
import type { Guard, Step, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { proxies } from "../../proxy/index.ts";
import type { SurgeOverlay, Swapping } from "../../proxy/proxy.ts";
import { command, quoteAll, type Script, sh } from "../../transport/argv.ts";
import type { ComposeService } from "./config.ts";
import type { ContainerFacts } from "./containers.ts";
import { gate, gateOnHost } from "./gate.ts";
import { compose, composeArgv, defaultContainerName } from "./place.ts";
import type { Strategy } from "./strategy.ts";

export interface SwapInput {
  readonly app: App;
  /** Absolute on the host. */
  readonly path: string;
  /** The run's folder on the host. */
  readonly runFolder: string;
  readonly run: string;
  readonly project: string;
  readonly composeFiles: readonly string[];
  readonly service: Service;
  readonly config: ComposeService;
  readonly strategy: Strategy;
  /** The containers of the service that are there now, surges of earlier runs left aside. */
  readonly present: readonly ContainerFacts[];
  /** Surge containers that an earlier run left. */
  readonly leftovers: readonly ContainerFacts[];
  /** Undefined: it is replaced in any case. */
  readonly guard?: Guard;
  readonly forceRecreate: boolean;
  /** Compose would leave what the service depends on as it is. */
  readonly needsHold: boolean;
}

export interface Swap {
  readonly steps: readonly Step[];
  readonly undo: readonly Undo[];
}

/** The steps that bring one service's next container into service, and those that bring the former one back. */
export function swap(input: SwapInput): Swap {
  return input.strategy.kind === "surge" ? surge(input, input.strategy.proxy) : recreate(input);
}

/**
 * Compose makes the new container beside the old one; an interrupted run may have left such a one, never started.
 *
 * Compose 2.26 counts the dependencies into the hash that it labels a container with, so `--no-deps` makes one that
 * the next plain `up` replaces. It is given only to keep Compose's hands off a dependency that it would touch.
 */
function up(input: SwapInput, ...flags: readonly string[]): readonly Script[] {
  const unborn = [
    "status=created",
    `label=com.docker.compose.project=${input.project}`,
    `label=com.docker.compose.service=${input.config.name}`,
  ];
  const filters = unborn.flatMap((filter) => ["--filter", filter]);
  return [
    sh`for unborn in $(docker ps --all --quiet ${filters}); do docker rm "$unborn"; done`,
    compose(input.app, "up", "-d", ...(input.needsHold ? [] : ["--no-deps"]), "--no-build", ...flags, input.config.name),
  ];
}

function containerName(input: SwapInput): string {
  return input.config.containerName ?? defaultContainerName(input.project, input.config.name);
}

function replaceFlags(input: SwapInput): readonly string[] {
  return input.forceRecreate ? ["--force-recreate"] : [];
}

function removeLeftovers(input: SwapInput): readonly Script[] {
  return input.leftovers.map((leftover) => removed(leftover.name));
}

/** Its anonymous volumes go with a surge; a container that is gone already is as good. */
function removed(name: string): Script {
  return sh`docker rm --force --volumes ${name} || ! docker container inspect ${name} >/dev/null 2>&1`;
}

function recreate(input: SwapInput): Swap {
  const { service, config, strategy } = input;
  const name = containerName(input);
  const because = strategy.kind === "recreate" ? `recreated in place: ${strategy.because}` : "it isn't running yet";
  const starting = input.present.length === 0;
  const replace = `replace-${service.name}`;
  const healthy: Step = {
    id: `gate-${service.name}`,
    title: `${service.name} healthy`,
    because: "a release is live only when it answers",
    effect: "reads",
    phase: "switch",
    guard: input.guard,
    action: gate(service, config, name),
    fails: unhealthy(service.name, name),
  };
  return {
    steps: [
      {
        id: replace,
        title: `${starting ? "start" : "recreate"} ${service.name}`,
        because,
        effect: "changes",
        phase: "switch",
        guard: input.guard,
        action: exec([...up(input, ...replaceFlags(input)), ...removeLeftovers(input)], { cwd: input.path }),
      },
      ...(service.role === "one-off" ? [] : [healthy]),
    ],
    undo: starting
      ? [
          {
            of: replace,
            title: `remove what was started of ${service.name}`,
            action: exec([compose(input.app, "rm", "--stop", "--force", config.name)], { cwd: input.path }),
          },
        ]
      : [
          { of: replace, title: `bring the former ${service.name} back`, action: exec(up(input), { cwd: input.path }) },
          { of: replace, title: `the former ${service.name} healthy`, action: gateOnHost(service, config, name) },
        ],
  };
}

function surge(input: SwapInput, proxy: Swapping["proxy"]): Swap {
  const { service, config, guard } = input;
  const main = containerName(input);
  const surgeName = `${main}-surge-${input.run}`;
  const rules = proxies[proxy.kind];
  const swapping: Swapping = {
    proxy,
    route: service.route as Swapping["route"],
    service: config.name,
    container: main,
    surge: surgeName,
    old: (input.present[0] as ContainerFacts).id.slice(0, 12),
    labels: config.labels,
    drain: service.drain,
  };
  const overlayFile = `${input.runFolder}/surge-${service.name}.yaml`;
  const step = (part: string, title: string, because: string, effect: Step["effect"], action: Step["action"]): Step => ({
    id: `${part}-${service.name}`,
    title,
    because,
    effect,
    phase: "switch",
    guard,
    action,
  });
  const stopSurge = [
    sh`docker stop --time ${service.drain} ${surgeName} || true`,
    ...rules.afterSurge(swapping),
    removed(surgeName),
  ];
  const runSurge = command([
    ...composeArgv(input.app.compose.length > 0 ? input.app : { ...input.app, compose: input.composeFiles }, [overlayFile]),
    ...["run", "--detach", "--no-deps", "--use-aliases", "--name", surgeName, config.name],
  ]);
  const steps: Step[] = [
    step("overlay", `describe the stand-in for ${service.name}`, "the compose file stays as it is", "changes", {
      kind: "write",
      path: overlayFile,
      content: overlayText(input, rules.overlay(swapping)),
      mode: "600",
    }),
    step(
      "surge",
      `surge ${service.name}`,
      "a second container stands in while the first is replaced",
      "changes",
      exec([sh`docker rm --force --volumes ${surgeName} >/dev/null 2>&1 || true`, runSurge], { cwd: input.path }),
    ),
    {
      ...step(
        "gate-surge",
        `surge ${service.name} healthy`,
        "it gets requests only when it can answer them",
        "reads",
        gate(service, config, surgeName),
      ),
      fails: unhealthy(service.name, surgeName),
    },
    step(
      "take-over",
      `requests to the surge (${proxy.kind})`,
      `${proxy.container} is told, and the old container drains`,
      "changes",
      exec([...rules.toSurge(swapping), ...rules.retireOld(swapping)]),
    ),
    step(
      "replace",
      `replace ${service.name}`,
      "its image or configuration changed",
      "changes",
      exec(up(input, ...replaceFlags(input)), { cwd: input.path }),
    ),
    {
      ...step(
        "gate",
        `${service.name} healthy`,
        "the surge goes only when its successor answers",
        "reads",
        gate(service, config, main),
      ),
      fails: unhealthy(service.name, main),
    },
    step(
      "hand-back",
      `requests to ${service.name} (${proxy.kind})`,
      "the lasting container takes over, and the surge drains",
      "changes",
      exec(rules.toMain(swapping)),
    ),
    step(
      "end-surge",
      `remove the surge of ${service.name}`,
      "it has done its work",
      "changes",
      exec([...stopSurge, ...removeLeftovers(input)]),
    ),
  ];
  const undo: Undo[] = [
    {
      of: `take-over-${service.name}`,
      title: `bring the former ${service.name} back`,
      action: exec(up(input), { cwd: input.path }),
    },
    { of: `take-over-${service.name}`, title: `the former ${service.name} healthy`, action: gateOnHost(service, config, main) },
    { of: `take-over-${service.name}`, title: `requests to the former ${service.name}`, action: exec(undoHandBack(swapping)) },
    {
      of: `surge-${service.name}`,
      title: `remove the surge of ${service.name}`,
      action: exec(stopSurge),
    },
  ];
  return { steps, undo };
}

/** The surge may be gone or dead by now: that must not keep the rest from being done. */
function undoHandBack(swapping: Swapping): readonly Script[] {
  return proxies[swapping.proxy.kind].toMain(swapping).map((one) => sh`( ${one} ) || true`);
}

function unhealthy(service: string, container: string): NonNullable<Step["fails"]> {
  return { id: "release.unhealthy", title: `${service} (${container}) did not become healthy` };
}

/** YAML by way of JSON; `!override` keeps Compose from merging the labels with the service's. */
function overlayText(input: SwapInput, overlay: SurgeOverlay): string {
  const keys = input.config.networks.size > 0 ? [...input.config.networks.keys()] : [];
  const service: string[] = [];
  if (overlay.aliases.length > 0)
    service.push(`"networks": ${JSON.stringify(Object.fromEntries(keys.map((key) => [key, { aliases: overlay.aliases }])))}`);
  if (overlay.labels) service.push(`"labels": !override ${JSON.stringify(overlay.labels)}`);
  if (overlay.drainFile) service.push(`"healthcheck": ${JSON.stringify(drainingHealthcheck(input.config, overlay.drainFile))}`);
  return `{"services": {${JSON.stringify(input.config.name)}: {${service.join(", ")}}}}\n`;
}

function drainingHealthcheck(config: ComposeService, drainFile: string): Record<string, unknown> {
  const [kind, ...test] = config.healthcheck?.test ?? [];
  const own = kind === "CMD-SHELL" ? test.join(" ") : quoteAll(test);
  return {
    test: ["CMD-SHELL", `test ! -e ${drainFile}${own ? ` && { ${own}; }` : ""}`],
    interval: "1s",
    retries: 2,
    disable: false,
  };
}
