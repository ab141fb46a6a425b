import { incoming, type Source, verifyStep } from "../backup/source.ts";
import { backupSteps } from "../backup/steps.ts";
import type { Replacement } from "../database/engine.ts";
import { engineOf } from "../database/index.ts";
import { journalLine } from "../journal/line.ts";
import { liveHead } from "../migrate/part.ts";
import type { Database, Files } from "../model/data.ts";
import { appKey } from "../observe/place.ts";
import type { Step, SummaryLine, Undo } from "../plan/plan.ts";
import { exec } from "../plan/print.ts";
import type { Draft, Drafting, Place, Situation } from "../runtime/runtime.ts";
import type { RestoreParts } from "./parts.ts";

export type Replaceable = Database | Files;

export interface RestoreInput {
  readonly subject: Replaceable;
  /** What the subject's engine has seen. */
  readonly facts: unknown;
  /** The backup, and its about.jsonl; or what the data is called that an earlier restore has put aside. */
  readonly source?: Source;
  readonly about?: string;
  readonly former?: string;
  /** Nothing comes in: the database begins anew. */
  readonly empty?: boolean;
}

/** Throws a `refused` failure for what stands in the way. */
export function restoreParts(place: Place, situation: Situation, context: Drafting, input: RestoreInput): RestoreParts {
  const { subject, source } = input;
  const engine = engineOf(subject);
  const keepers = situation.keepers(context.run);
  const folder = `${situation.facts.state}/runs/${context.run}`;
  const inbound = source && incoming(place, source, input.about ?? "");
  if (inbound) engine.refuse(subject, input.facts, inbound);
  const replacement: Replacement = engine.replace(subject, input.facts, {
    keepers,
    folder,
    incoming: inbound,
    former: input.former,
    recorded: situation.facts.restores.map(({ former }) => former),
    empty: input.empty,
  });
  const before =
    inbound || input.empty
      ? backupSteps(place, situation.facts, context, {
          subjects: [subject],
          reason: input.empty ? "pre-reset" : "pre-restore",
          because: "what is there now may be wanted again",
          keepers,
          head: liveHead(place, situation),
          prefix: "before-",
        })
      : undefined;
  return {
    prepare: [
      ...(source ? [verifyStep(place, source, subject, keepers)] : []),
      ...(replacement.first ?? []),
      ...(before?.steps ?? []),
      ...replacement.prepare,
    ],
    swap: replacement.swap,
    finish: [recordRestore(place, situation, context, subject, replacement.former, source), ...replacement.finish],
    undo: replacement.undo,
    former: replacement.former,
    renew: replacement.renew,
    before: before?.backups[0]?.name,
  };
}

/** Verify, back up, restore beside, compare; then stop, swap, start. What fails before the stop has changed nothing. */
export function planRestore(
  place: Place,
  situation: Situation,
  context: Drafting,
  input: RestoreInput,
  words: { readonly title: string; readonly summary: readonly SummaryLine[]; readonly stakes?: Draft["stakes"] },
): Draft {
  const { app } = place;
  const parts = restoreParts(place, situation, context, input);
  const stop = situation.power(context, "stop", []);
  const start = situation.power(context, parts.renew || app.runtime === "process" ? "renew" : "start", []);
  const swapped = stop.steps.map((step) => step.id);
  return {
    title: words.title,
    summary: words.summary,
    steps: [
      ...parts.prepare,
      ...stop.steps,
      ...parts.swap,
      ...migrateStep(place, situation, input),
      ...start.steps,
      ...seedSteps(place, situation, input),
      ...parts.finish,
    ],
    undo: [
      ...parts.undo,
      // The first of them stands for all: whatever was stopped is started.
      ...start.steps
        .filter((step) => step.action.kind !== "probe")
        .map((step): Undo => ({ of: swapped[0] ?? "stop", title: `${step.title} again`, action: step.action as Undo["action"] })),
    ],
    watch: [],
    outcome: `${app.name}'s ${input.subject.name} is ${input.empty ? "new" : input.source ? `that of ${input.source.manifest.name}` : "as it was before the restore"}`,
    undoneBy: `tend restore ${app.name} --undo`,
    stakes: words.stakes,
  };
}

/** Older data, today's code: what is pending then is applied, where the app doesn't do it by itself. */
function migrateStep({ app }: Place, situation: Situation, input: RestoreInput): readonly Step[] {
  const { migrate } = app;
  if (!migrate?.run || input.former !== undefined || input.subject.kind === "files") return [];
  return [
    {
      id: "migrate",
      title: "migrate",
      because: "the code that runs may be newer than the data",
      effect: "changes",
      phase: "switch",
      action: exec([situation.command(migrate.service, migrate.run, "next")]),
      fails: { id: "migrate.failed", title: `a migration of ${app.name} failed`, why: "the data before it is put back" },
    },
  ];
}

/** What a new database begins with: the first user, say. */
function seedSteps({ app }: Place, situation: Situation, { empty }: RestoreInput): readonly Step[] {
  const { migrate } = app;
  if (!empty || !migrate?.seed) return [];
  return [
    {
      id: "seed",
      title: "seed",
      because: "migrate.seed: what a new database begins with",
      effect: "changes",
      phase: "switch",
      action: exec([situation.command(migrate.service, migrate.seed, "live")]),
      fails: { id: "migrate.failed", title: `the seed of ${app.name} failed` },
    },
  ];
}

/** How `restore --undo` finds what was put aside. */
function recordRestore(
  place: Place,
  situation: Situation,
  context: Drafting,
  subject: Replaceable,
  former: string,
  source: Source | undefined,
): Step {
  const event = { type: "restore", run: context.run, subject: subject.name, backup: source?.manifest.name, former };
  return {
    id: `record-${subject.name}`,
    title: "write down what was put aside",
    because: `${former} is what was live before: --undo brings it back`,
    effect: "changes",
    phase: "finish",
    action: exec([journalLine(`${situation.facts.state}/apps/${appKey(place.app)}`, event)]),
  };
}
