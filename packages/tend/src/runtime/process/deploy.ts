import { liveRelease } from "../../journal/releases.ts";
import { migrationPart } from "../../migrate/part.ts";
import type { SummaryLine } from "../../plan/plan.ts";
import { nothingToDo } from "../nothing.ts";
import type { DeployInput, Draft, Drafting, Place, Wanted } from "../runtime.ts";
import { toWanted } from "./checkout.ts";
import { inRelease, keepersOf } from "./commands.ts";
import { type Entry, nextRelease, record, runningNow, unpack } from "./keep.ts";
import type { ProcessFacts } from "./look.ts";
import * as all from "./moves.ts";
import { releaseFolder, runConfig } from "./place.ts";
import { chosenServices, refuseUnlessReady } from "./preflight.ts";

/** The next release, from what the host is now to what is wanted: unpacked and started first, switched last. */
export function planDeploy(place: Place, wanted: Wanted, facts: ProcessFacts, context: Drafting, input: DeployInput): Draft {
  const { app, host } = place;
  refuseUnlessReady(place, facts, { moving: true });
  const chosen = chosenServices(place, input.only);
  const code = toWanted(place, wanted, facts);
  const release = nextRelease(facts);
  const entryOf = (service: (typeof chosen)[number]): Entry => ({
    release,
    commit: code.commit,
    config: runConfig(app, service),
  });
  const moving = chosen.filter(
    (service) => input.forceRecreate || all.differs(facts, service, { ...entryOf(service), env: facts.env }),
  );
  const entries = Object.fromEntries(moving.map((service) => [service.name, entryOf(service)]));
  const live = liveRelease(facts);
  const strays = all.straySteps(place, facts);
  const after = { ...runningNow(place, facts), ...entries };
  if (live && moving.length === 0 && strays.length === 0 && code.steps.length === 0 && isRecorded(live, after)) {
    return nothingToDo(`release ${live.release} is live and is ${code.text}`);
  }
  const moves = all.moves(place, facts, context, entries);
  const before = live ? Object.values(runningNow(place, facts))[0]?.release : undefined;
  const data = migrationPart(place, facts, context, {
    keepers: keepersOf(context.run),
    live: (argv) => inRelease(place, facts, before ?? release, argv),
    next: (argv) => inRelease(place, facts, release, argv),
    concerned: moving.length > 0,
    skip: input.skipMigrations,
  });
  const copy = moving.length > 0 ? unpack(place, facts, release, code.commit) : undefined;
  const drift = all.driftOf(place, { ...facts, head: facts.code?.head });
  const summary: SummaryLine[] = [
    { label: "release", text: live ? `release ${live.release} → ${release}` : `release ${release}, the first` },
    code.summary,
    ...data.summary,
    all.servicesLine(moves),
    { label: "found", text: drift.join("; ") },
  ];
  return {
    title: `deploy ${app.name} on ${host.name} → ${code.text}`,
    summary: summary.filter(({ text }) => text !== ""),
    steps: [
      ...all.programStep(facts),
      ...code.steps,
      ...(copy ? [copy.step] : []),
      ...data.backup,
      ...data.migrate,
      ...all.inOrder(place, moves).map((step) => (step.effect === "changes" ? { ...step, lasting: data.lasting } : step)),
      ...strays,
      record(place, facts, context, {
        release,
        operation: "deploy",
        because: "so that it can be brought back",
        code: { commit: code.commit, branch: code.branch, subject: code.subject },
        env: facts.env,
        services: after,
        data: data.record,
      }),
    ],
    undo: [...all.undoOf(moves), ...(copy ? [copy.undo] : []), ...code.undo],
    watch: all.watches(place, moves),
    outcome: `release ${release} of ${app.name} is live`,
    undoneBy: live
      ? `tend rollback ${app.name}${data.backups.length > 0 ? ", with --with-data where it migrated" : ""}`
      : `tend stop ${app.name}`,
  };
}

/** Whether the newest release says what runs; after a crash right before the record it doesn't. */
function isRecorded(live: NonNullable<ReturnType<typeof liveRelease>>, services: Readonly<Record<string, Entry>>): boolean {
  return Object.entries(services).every(([name, { release }]) => live.images[name]?.ref === releaseFolder(release));
}
