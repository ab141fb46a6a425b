import { liveRelease } from "../../journal/releases.ts";
import { Failure } from "../../model/failure.ts";
import type { Service } from "../../model/fleet.ts";
import type { ServiceName } from "../../model/names.ts";
import type { Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { nothingToDo } from "../nothing.ts";
import type { Draft, Drafting, Place, PowerVerb } from "../runtime.ts";
import { type Entry, nextRelease, record, runningNow, unpack } from "./keep.ts";
import type { ProcessFacts } from "./look.ts";
import * as all from "./moves.ts";
import { appFolder, front, releaseOf, runConfig, serviceFolder } from "./place.ts";
import { chosenServices, refuseUnlessReady } from "./preflight.ts";
import { asStopped, liveProcess, serviceFacts } from "./processes.ts";

/** start, stop and restart of what was released last; what has to come up is waited for. */
export function planPower(
  place: Place,
  seen: ProcessFacts,
  context: Drafting,
  verb: PowerVerb,
  names: readonly ServiceName[],
): Draft {
  const { app, host } = place;
  const facts = verb === "renew" ? { ...seen, processes: asStopped(seen.processes) } : seen;
  refuseUnlessReady(place, facts, { moving: false });
  const chosen = chosenServices(place, names).filter((service) => service.role !== "one-off");
  if (verb === "stop") return planStop(place, facts, chosen);
  const wanted = released(place, facts, chosen);
  const moving = Object.entries(wanted).filter(([name]) => verb === "restart" || !serves(facts, chosen, name));
  const moves = all.moves(place, facts, context, Object.fromEntries(moving));
  if (moves.length === 0) {
    return nothingToDo(`${chosen.map(({ name }) => name).join(", ")} of ${app.name} runs already`);
  }
  return {
    title: `${verb} ${app.name} on ${host.name}`,
    summary: [all.servicesLine(moves)],
    steps: [...all.programStep(facts), ...all.inOrder(place, moves)],
    undo: all.undoOf(moves),
    watch: all.watches(place, moves),
    outcome: `${moves.map(({ service }) => service.name).join(", ")} of ${app.name} ${moves.length === 1 ? "runs" : "run"}`,
    undoneBy: verb === "start" ? `tend stop ${app.name}` : undefined,
  };
}

function planStop(place: Place, facts: ProcessFacts, chosen: readonly Service[]): Draft {
  const { app, host } = place;
  const running = chosen.filter(({ name }) => {
    const { processes, fronts } = serviceFacts(facts.processes, name);
    return [...processes, ...fronts].some(({ alive }) => alive);
  });
  if (running.length === 0) {
    return nothingToDo(`nothing of ${app.name} runs`);
  }
  const names = running.map(({ name }) => name).join(", ");
  return {
    title: `stop ${app.name} on ${host.name}`,
    summary: [{ label: "services", text: names }],
    steps: [...all.programStep(facts), ...running.map((service) => stopStep(place, facts, service))],
    undo: [],
    watch: [],
    outcome: `${names} of ${app.name} ${running.length === 1 ? "is" : "are"} stopped`,
    undoneBy: `tend start ${app.name}`,
  };
}

function stopStep(place: Place, facts: ProcessFacts, { name, port, drain }: Service): Step {
  const folder = serviceFolder(name);
  const patience = ["--patience", String(drain)];
  return {
    id: `stop-${name}`,
    title: `stop ${name}${port === undefined ? "" : ` and give port ${port} back`}`,
    because: "asked for",
    effect: "changes",
    phase: "switch",
    action: exec(
      [
        ...(port === undefined ? [] : [front(facts.front, "close", folder, ...patience)]),
        front(facts.front, "retire", folder, ...patience),
      ],
      { cwd: appFolder(facts.state, place.app) },
    ),
  };
}

/** Today's env files and declaration for the code that is live, as a release of its own. */
export function planRecreate(place: Place, facts: ProcessFacts, context: Drafting, names: readonly ServiceName[]): Draft {
  const { app, host } = place;
  refuseUnlessReady(place, facts, { moving: false });
  const chosen = chosenServices(place, names);
  const now = released(place, facts, chosen);
  const commits = [...new Set(Object.values(now).map(({ commit }) => commit))];
  const [commit] = commits;
  if (!commit || commits.length > 1) {
    throw new Failure({
      id: "usage",
      exit: "usage",
      title: `the services of ${app.name} run different commits: they can only be recreated one by one`,
      help: `tend recreate ${app.name} --only ${chosen[0]?.name}`,
    });
  }
  const release = nextRelease(facts);
  const entries = Object.fromEntries(
    chosen.map((service): [string, Entry] => [service.name, { release, commit, config: runConfig(app, service) }]),
  );
  const moves = all.moves(place, facts, context, entries);
  const copy = unpack(place, facts, release, commit);
  return {
    title: `recreate ${moves.map(({ service }) => service.name).join(", ")} of ${app.name} on ${host.name}`,
    summary: [{ label: "release", text: `${release}: the same code, the settings of today's files` }, all.servicesLine(moves)],
    steps: [
      ...all.programStep(facts),
      copy.step,
      ...all.inOrder(place, moves),
      record(place, facts, context, {
        release,
        operation: "recreate",
        because: "its settings may differ",
        code: liveRelease(facts)?.code,
        env: facts.env,
        services: { ...runningNow(place, facts), ...entries },
      }),
    ],
    undo: [...all.undoOf(moves), copy.undo],
    watch: all.watches(place, moves),
    outcome: `release ${release} of ${app.name} is live`,
    undoneBy: `tend rollback ${app.name}`,
  };
}

/** What each service is in the live release. Throws when there is none to start. */
export function released(place: Place, facts: ProcessFacts, services: readonly Service[]): Readonly<Record<string, Entry>> {
  const live = liveRelease(facts);
  const entries = services.flatMap((service): [string, Entry][] => {
    const release = releaseOf(live?.images[service.name]?.ref ?? "");
    const kept = release === undefined ? undefined : facts.processes.kept[release];
    if (release === undefined || !kept) return [];
    return [
      [service.name, { release, commit: kept.commit, config: kept.services[service.name] ?? runConfig(place.app, service) }],
    ];
  });
  if (entries.length === 0) {
    throw new Failure({
      id: "release.none",
      exit: "refused",
      title: `${services.map(({ name }) => name).join(", ")} of ${place.app.name} has not been deployed yet`,
      where: place.host.name,
      changed: "nothing",
      help: `tend deploy ${place.app.name}`,
    });
  }
  return Object.fromEntries(entries);
}

function serves(facts: ProcessFacts, services: readonly Service[], name: string): boolean {
  const port = services.find((service) => service.name === name)?.port;
  const present = serviceFacts(facts.processes, name);
  const held = port === undefined || present.fronts.some((one) => one.alive && one.port === port);
  return held && Boolean(liveProcess(present)?.alive);
}
