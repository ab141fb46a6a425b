import { liveRelease } from "../../journal/releases.ts";
import type { Service } from "../../model/fleet.ts";
import { short } from "../../observe/git.ts";
import type { Step, SummaryLine, Undo, Watch } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import type { AppFacts, Drafting, Place } from "../runtime.ts";
import { publicAddress } from "./address.ts";
import type { Entry } from "./keep.ts";
import type { ProcessFacts } from "./look.ts";
import { appFolder, digest, front, serviceFolder } from "./place.ts";
import { liveProcess, type Processes, serviceFacts } from "./processes.ts";
import { type Strategy, strategyFor, strategyText } from "./strategy.ts";
import { type Swap, swap } from "./swap.ts";

/** What deploy, rollback and restart have in common: which processes go, how, and who is asked meanwhile. */
export interface Move {
  readonly service: Service;
  readonly strategy: Strategy;
  readonly swap: Swap;
}

/** One-offs come first, as what follows may rely on them; the rest as declared. */
export function moves(
  place: Place,
  facts: ProcessFacts,
  context: Drafting,
  wanted: Readonly<Record<string, Entry>>,
): readonly Move[] {
  const services = place.app.services.filter((service) => wanted[service.name]);
  const ordered = [...services.filter(({ role }) => role === "one-off"), ...services.filter(({ role }) => role !== "one-off")];
  return ordered.map((service) => {
    const present = serviceFacts(facts.processes, service.name);
    const { release, config } = wanted[service.name] as Entry;
    const strategy = strategyFor(service, liveProcess(present));
    const folder = appFolder(facts.state, place.app);
    return {
      service,
      strategy,
      swap: swap({ service, strategy, present, front: facts.front, folder, run: context.run, release, config }),
    };
  });
}

/** Whether a service runs something else than is wanted, doesn't run, or can't be reached. */
export function differs(
  facts: ProcessFacts,
  service: Service,
  wanted: Pick<Entry, "commit" | "config"> & { readonly env: string },
): boolean {
  const present = serviceFacts(facts.processes, service.name);
  const process = liveProcess(present);
  const kept = process && facts.processes.kept[process.release];
  if (!process || !kept) return true;
  if (service.role === "one-off" ? process.ended?.code !== 0 : !process.alive) return true;
  if (service.port !== undefined && !present.fronts.some(({ alive, port }) => alive && port === service.port)) return true;
  const config = kept.services[service.name];
  return kept.commit !== wanted.commit || kept.env !== wanted.env || !config || digest(config) !== digest(wanted.config);
}

/** Prepared first, all of them; then switched one by one, each asked for at its users' address before its former goes. */
export function inOrder(place: Place, all: readonly Move[]): readonly Step[] {
  return [
    ...all.flatMap((move) => move.swap.prepare),
    ...all.flatMap((move) => [...move.swap.enter, ...publicProbe(place, move), ...move.swap.leave]),
  ];
}

export function undoOf(all: readonly Move[]): readonly Undo[] {
  return all.flatMap((move) => move.swap.undo);
}

export function watches(place: Place, all: readonly Move[]): readonly Watch[] {
  return all.flatMap(({ service, strategy }) => {
    const asked = strategy.kind === "swap" || strategy.kind === "recreate";
    const target = asked ? publicAddress(place, service) : undefined;
    // Only what can be reached from here can be asked all the time.
    return target && !target.fromHost ? [target] : [];
  });
}

function publicProbe(place: Place, { service, strategy }: Move): readonly Step[] {
  const target = strategy.kind !== "run" && service.probe ? publicAddress(place, service) : undefined;
  if (!target) return [];
  return [
    {
      id: `public-${service.name}`,
      title: target.url,
      because: "a release is live when its users reach it",
      effect: "reads",
      phase: "switch",
      action: { kind: "probe", target, deadline: 20 },
      fails: { id: "release.unreachable", title: `${target.url} doesn't answer as it should` },
    },
  ];
}

/** The program that the steps call, for a host that hasn't got this version of it. */
export function programStep(facts: ProcessFacts): readonly Step[] {
  const { missing } = facts.front;
  if (!missing) return [];
  return [
    {
      id: "program",
      title: "the program that keeps processes",
      because: "the host hasn't got this version of it",
      effect: "changes",
      phase: "prepare",
      action: { kind: "write", path: missing.path, content: missing.content, mode: "600" },
    },
  ];
}

/** What still runs of services that are declared no more. */
export function straySteps(place: Place, facts: ProcessFacts): readonly Step[] {
  return strays(place, facts).map((name) => ({
    id: `end-stray-${name}`,
    title: `end ${name}`,
    because: "it isn't declared any more",
    effect: "changes",
    phase: "switch",
    action: exec([front(facts.front, "close", serviceFolder(name)), front(facts.front, "retire", serviceFolder(name))], {
      cwd: appFolder(facts.state, place.app),
    }),
  }));
}

export function strays({ app }: Place, { processes }: ProcessFacts): readonly string[] {
  const declared: readonly string[] = app.services.map(({ name }) => name);
  return Object.entries(processes.services).flatMap(([name, service]) => {
    const runs = [...service.processes, ...service.fronts].some(({ alive }) => alive);
    return runs && !declared.includes(name) ? [name] : [];
  });
}

export function servicesLine(all: readonly Move[]): SummaryLine {
  return {
    label: "services",
    text: all.map(({ service, strategy }) => `${service.name}: ${strategyText(strategy)}`).join(" · "),
  };
}

/** In which way what runs isn't what was released. */
export function driftOf(
  place: Place,
  facts: Pick<AppFacts, "releases"> & { readonly processes: Processes; readonly head?: string },
): readonly string[] {
  const live = liveRelease(facts);
  if (!live) return [];
  const drift: string[] = [];
  if (live.code && facts.head && facts.head !== live.code.commit) {
    drift.push(`the checkout is at ${short(facts.head)}, release ${live.release} at ${short(live.code.commit)}`);
  }
  for (const service of place.app.services) {
    const present = serviceFacts(facts.processes, service.name);
    const process = liveProcess(present);
    const commit = process && facts.processes.kept[process.release]?.commit;
    const released = live.images[service.name];
    if (released && commit && commit !== released.id)
      drift.push(`${service.name} runs ${short(commit)}, not what release ${live.release} is`);
    if (released && !process) drift.push(`${service.name} has no process`);
    const held = present.fronts.some(({ alive, port }) => alive && port === service.port);
    if (process?.alive && service.port !== undefined && !held)
      drift.push(`nobody holds port ${service.port}: tend start ${place.app.name}`);
  }
  return drift;
}
