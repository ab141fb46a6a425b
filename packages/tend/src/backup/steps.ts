import { createHash } from "node:crypto";
import type { Keepers } from "../database/engine.ts";
import { engineOf } from "../database/index.ts";
import { journalLine } from "../journal/line.ts";
import { liveRelease } from "../journal/releases.ts";
import { type Destination, destinationText, type Subject } from "../model/data.ts";
import type { BackupName } from "../model/names.ts";
import { appKey } from "../observe/place.ts";
import { type CarryAction, type Guard, NOTHING_YET, type Step } from "../plan/plan.ts";
import { exec } from "../plan/print.ts";
import type { AppFacts, Drafting, Place } from "../runtime/runtime.ts";
import { remotePath, type Script, sh } from "../transport/argv.ts";
import { backupToFolder, backupToStream, copyToFolder, publishedToStream } from "./folder.ts";
import { newBackupName } from "./name.ts";

/** What a plan says of the backups in it. */
export interface BackupOrder {
  readonly subjects: readonly Subject[];
  readonly reason: string;
  readonly because: string;
  readonly guard?: Guard;
  readonly keepers: Keepers;
  /** Prints the migration that the databases are at. */
  readonly head?: Script;
  /** The release that it is of, when that isn't the newest one recorded so far: what runs is recorded by the same plan. */
  readonly release?: number;
  /** The names of those that are copied plainly, while the app is stopped. */
  readonly stopped?: readonly string[];
  /** In front of the steps' ids, where a plan has backups for more than one purpose. */
  readonly prefix?: string;
}

export interface PlannedBackup {
  readonly subject: Subject;
  readonly name: BackupName;
  /** Where the run leaves the manifest's body, once the backup is published; empty when there was nothing to back up. */
  readonly kept: string;
}

/** The steps that back the subjects up, each to all of the app's destinations, and write that down. */
export function backupSteps(
  place: Place,
  facts: Pick<AppFacts, "state" | "releases">,
  context: Drafting,
  order: BackupOrder,
): { readonly backups: readonly PlannedBackup[]; readonly steps: readonly Step[] } {
  const backups = order.subjects.map((subject): PlannedBackup => {
    const kept = `${facts.state}/runs/${context.run}/kept-${order.prefix ?? ""}${subject.name}.json`;
    return { subject, name: nameOf(place, context, subject, order.reason), kept };
  });
  return {
    backups,
    steps: [
      ...backups.flatMap((backup) => stepsFor(place, facts, context, order, backup)),
      recordBackups(place, facts, context, order, backups),
    ],
  };
}

function stepsFor(
  place: Place,
  facts: Pick<AppFacts, "releases">,
  context: Drafting,
  order: BackupOrder,
  { subject, name, kept }: PlannedBackup,
): readonly Step[] {
  const { to, recipients } = place.app.backups;
  const engine = engineOf(subject);
  const about = aboutBackup(place, facts, context, order, subject, name);
  const stopped = order.stopped?.includes(subject.name) && engine.takeStopped;
  const take = stopped ? stopped(subject, order.keepers) : engine.take(subject, order.keepers);
  const head = subject.kind === "files" ? undefined : order.head;
  const step = (part: string, where: string, action: Step["action"]): Step => ({
    id: `${order.prefix ?? ""}${part}-${subject.name}`,
    title: `back ${subject.name} up to ${where}`,
    because: order.because,
    effect: "changes",
    phase: "prepare",
    interruptible: true,
    mayFindNothing: true,
    allOrNothing: true,
    guard: order.guard,
    action,
    fails: {
      id: "backup.failed",
      title: `${subject.name} of ${place.app.name} could not be backed up: there is no new backup`,
      disk: where,
    },
  });
  const carry = (part: string, produce: Script, mark: string, elsewhere: readonly Destination[]) =>
    step(part, elsewhere.map(destinationText).join(", "), {
      kind: "carry",
      produce,
      mark,
      payload: engine.payload,
      backup: about,
      to: elsewhere,
      kept,
    });
  const mark = `--- about ${name}`;
  const [first, ...others] = recipients.length > 0 ? [] : to.filter((one) => one.kind === "host");
  if (!first) return [carry("backup", backupToStream({ take, head, mark }), mark, to)];
  const elsewhere = to.filter((one) => one.kind !== "host");
  const folder = hostFolder(place, first.folder);
  return [
    step(
      "backup",
      first.folder,
      exec([
        backupToFolder({
          folder,
          payload: engine.payload,
          take,
          check: stopped ? drained : engine.check(subject, order.keepers),
          head,
          backup: about,
          kept,
        }),
      ]),
    ),
    ...others.map((other, at) =>
      step(`copy-${at + 1}`, other.folder, exec([copyToFolder(folder, hostFolder(place, other.folder), name, kept)])),
    ),
    ...(elsewhere.length > 0
      ? [carry("carry", publishedToStream(folder, name, engine.payload, kept, mark), mark, elsewhere)]
      : []),
  ];
}

/** A plain copy of what a stopped app has left: nothing here can open it, and its sum is all that can be said of it. */
const drained = sh`cat >/dev/null`;

/** The folder of all the app's backups in a destination on its host. */
export function hostFolder(place: Place, folder: string): Script {
  return sh`${remotePath(folder)}/${appKey(place.app)}`;
}

function aboutBackup(
  place: Place,
  facts: Pick<AppFacts, "releases">,
  context: Drafting,
  order: BackupOrder,
  subject: Subject,
  name: BackupName,
): CarryAction["backup"] {
  const live = liveRelease(facts);
  const code = live?.code?.commit ?? Object.values(live?.tags ?? {}).join(" ");
  const { recipients } = place.app.backups;
  return {
    v: 1,
    name,
    app: appKey(place.app),
    subject: subject.name,
    kind: subject.kind,
    at: context.now.toISOString(),
    reason: order.reason,
    run: context.run,
    by: context.by,
    host: place.host.name,
    release: order.release ?? live?.release,
    code: order.release === undefined ? code || undefined : undefined,
    sealed: recipients.length > 0 ? recipients : undefined,
  };
}

/** Plans are values: what looks random in a name comes from the run's own id. */
function nameOf(place: Place, context: Drafting, subject: Subject, reason: string): BackupName {
  const random = createHash("sha256").update(`${context.run} ${subject.name} ${reason}`).digest("hex").slice(0, 4);
  return newBackupName({ app: appKey(place.app), subject: subject.name, at: context.now, reason, random });
}

/** A line in the app's journal for each: how `status` knows how old the newest is, without asking where they are kept. */
function recordBackups(
  place: Place,
  facts: Pick<AppFacts, "state">,
  context: Drafting,
  order: BackupOrder,
  backups: readonly PlannedBackup[],
): Step {
  const event = { type: "backup", run: context.run, to: place.app.backups.to.map(destinationText) };
  const line = (kept: string) =>
    journalLine(`${facts.state}/apps/${appKey(place.app)}`, event, [[',"backup":%s', sh`"$(cat ${kept})"`]]);
  const names = backups.map((backup) => backup.subject.name).join(", ");
  return {
    id: `${order.prefix ?? ""}backed-up`,
    title: "write the backup down",
    because: `status tells how old that of ${names} is`,
    effect: "changes",
    phase: "prepare",
    mayFindNothing: true,
    guard: order.guard,
    action: exec([
      sh`cat ${backups.map(({ kept }) => kept)} 2>/dev/null | grep -q . || exit ${NOTHING_YET}`,
      ...backups.map(({ kept }) => sh`[ ! -s ${kept} ] || ${line(kept)}`),
    ]),
  };
}
