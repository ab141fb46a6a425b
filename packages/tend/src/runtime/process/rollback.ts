import type { ReleaseEvent } from "../../journal/events.ts";
import { liveRelease, stateOf } from "../../journal/releases.ts";
import { recordOfData } from "../../migrate/part.ts";
import { schemaCheck } from "../../migrate/schema-check.ts";
import { Failure } from "../../model/failure.ts";
import type { Service } from "../../model/fleet.ts";
import { short } from "../../observe/git.ts";
import { envFiles } from "../../observe/place.ts";
import type { Step, SummaryLine, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { sh } from "../../transport/argv.ts";
import type { Draft, Drafting, Place, RollbackData } from "../runtime.ts";
import { toRelease } from "./checkout.ts";
import { inRelease, keepersOf } from "./commands.ts";
import { type Entry, nextRelease, record, runningNow } from "./keep.ts";
import type { ProcessFacts } from "./look.ts";
import * as all from "./moves.ts";
import { appFolder, releaseFolder, releaseOf, runConfig } from "./place.ts";
import { planPower } from "./power.ts";
import { refuseUnlessReady } from "./preflight.ts";
import { asStopped, liveProcess, serviceFacts } from "./processes.ts";

/** An older release's processes, from the copy of its code and env files that is kept on the host. */
export function planRollback(place: Place, seen: ProcessFacts, context: Drafting, to: ReleaseEvent, data: RollbackData): Draft {
  const { app, host } = place;
  const keepers = keepersOf(context.run);
  const restored = data.kind === "restored" ? data.parts : [];
  const stop = restored.length > 0 ? planPower(place, seen, context, "stop", []).steps : [];
  const facts = restored.length > 0 ? { ...seen, processes: asStopped(seen.processes) } : seen;
  const schema = schemaCheck(place, to, keepers, data);
  const code = toRelease(place, facts, to.code?.commit);
  refuseUnlessReady(place, facts, { moving: false });
  if (code.steps.length > 0) refuseDirty(place, facts);
  const services = app.services.filter((service) => to.images[service.name]);
  const wanted = Object.fromEntries(services.map((service) => [service.name, keptEntry(place, facts, to, service)]));
  const moving = Object.entries(wanted).filter(([name, entry]) => runsElse(facts, name, entry));
  const moves = all.moves(place, facts, context, Object.fromEntries(moving));
  const release = nextRelease(facts);
  const files = bringEnvFiles(place, facts, context, to);
  const live = liveRelease(facts);
  const summary: SummaryLine[] = [
    {
      label: "release",
      text: `${live?.release ?? "none"} → ${release}, which is ${stateOf(to)} again (${to.at.slice(0, 16).replace("T", " ")} UTC by ${to.by})`,
    },
    {
      label: "code",
      text: to.code
        ? `${short(facts.code?.head ?? "")} → ${short(to.code.commit)}${to.code.subject ? `: ${to.code.subject}` : ""}`
        : "",
    },
    { label: "config", text: files ? `${files.names} of release ${to.release}` : "" },
    all.servicesLine(moves),
    schema.line,
  ];
  return {
    title: `roll ${app.name} on ${host.name} back to release ${to.release}`,
    summary: summary.filter(({ text }) => text !== ""),
    steps: [
      ...all.programStep(facts),
      ...schema.steps,
      ...restored.flatMap((parts) => parts.prepare),
      ...stop,
      ...restored.flatMap((parts) => parts.swap),
      ...code.steps,
      ...(files ? [files.step] : []),
      ...all.inOrder(place, moves),
      record(place, facts, context, {
        release,
        operation: "rollback",
        because: `it is release ${stateOf(to)} again`,
        of: stateOf(to),
        code: to.code,
        env: to.env,
        services: { ...runningNow(place, facts), ...wanted },
        data: recordOfData(place, keepers, { live: (argv) => inRelease(place, facts, stateOf(to), argv) }),
      }),
      ...restored.flatMap((parts) => parts.finish),
    ],
    undo: [
      ...all.undoOf(moves),
      ...(files ? [files.undo] : []),
      ...code.undo,
      ...restored.flatMap((parts) => parts.undo),
      ...(stop.length > 0 ? startAgain(place, seen, context, stop[0]?.id ?? "") : []),
    ],
    watch: all.watches(place, moves),
    outcome: `release ${release} of ${app.name} is live: it is ${stateOf(to)} again`,
    undoneBy: live ? `tend rollback ${app.name} --to ${live.release}${restored.length > 0 ? " --with-data" : ""}` : undefined,
  };
}

/** What ran before, for a failure after the stop. */
function startAgain(place: Place, facts: ProcessFacts, context: Drafting, of: string): readonly Undo[] {
  const { steps } = planPower(place, facts, context, "renew", []);
  return steps.flatMap(({ title, action }) =>
    action.kind === "exec" || action.kind === "wait" ? [{ of, title: `${title} again`, action }] : [],
  );
}

function keptEntry(place: Place, facts: ProcessFacts, to: ReleaseEvent, service: Service): Entry {
  const image = to.images[service.name];
  const release = releaseOf(image?.ref ?? "");
  const kept = release === undefined ? undefined : facts.processes.kept[release];
  if (release === undefined || !kept) {
    throw new Failure({
      id: "release.gone",
      exit: "refused",
      title: `release ${to.release} is no longer kept on ${place.host.name}`,
      where: `${place.host.name} · ${place.app.name}`,
      changed: "nothing",
      help: to.code ? `deploy its commit anew: tend deploy ${place.app.name} --ref ${short(to.code.commit)}` : undefined,
    });
  }
  return { release, commit: kept.commit, config: kept.services[service.name] ?? runConfig(place.app, service) };
}

function runsElse(facts: ProcessFacts, service: string, wanted: Entry): boolean {
  const process = liveProcess(serviceFacts(facts.processes, service));
  return !process?.alive || process.release !== wanted.release;
}

function refuseDirty(place: Place, facts: ProcessFacts): void {
  if (facts.code && facts.code.dirty.length > 0) refuseUnlessReady(place, facts, { moving: true });
}

/** The app's folder gets the release's env files too: what lies there is what the next recreate would take. */
function bringEnvFiles(
  { app }: Place,
  facts: ProcessFacts,
  context: Drafting,
  to: ReleaseEvent,
): { readonly names: string; readonly step: Step; readonly undo: Undo } | undefined {
  if (to.env === facts.env) return undefined;
  const release = Math.max(...Object.values(to.images).map(({ ref }) => releaseOf(ref) ?? 0));
  const kept = `${appFolder(facts.state, app)}/${releaseFolder(release)}/env`;
  const before = `${facts.state}/runs/${context.run}/before`;
  const files = envFiles(app);
  // In place, so that a file keeps its mode and its owner; one that the release hadn't goes.
  const bring = (from: string, file: string, at: number) =>
    sh`if [ -f ${`${from}/${at}`} ]; then cat ${`${from}/${at}`} >${file}; else rm -f ${file}; fi`;
  return {
    names: files.join(", "),
    step: {
      id: "config",
      title: `${files.join(", ")} of release ${to.release}`,
      because: "code may not work with another release's settings",
      effect: "changes",
      phase: "prepare",
      action: exec(
        [
          sh`umask 077; mkdir -p ${before}`,
          ...files.map((file, at) => sh`[ -f ${`${before}/${at}`} ] || [ ! -f ${file} ] || cp ${file} ${`${before}/${at}`}`),
          ...files.map((file, at) => bring(kept, file, at)),
        ],
        { cwd: facts.path },
      ),
    },
    undo: {
      of: "config",
      title: `${files.join(", ")} as before`,
      action: exec(
        files.map((file, at) => bring(before, file, at)),
        { cwd: facts.path },
      ),
    },
  };
}
