import type { Database, Files } from "../model/data.ts";
import type { App } from "../model/fleet.ts";
import { backupName } from "../model/names.ts";
import { appKey } from "../observe/place.ts";
import type { BackupsSeen } from "./facts/backups.ts";
import type { Seen } from "./facts/index.ts";
import type { Subject } from "./finding.ts";
import { apps } from "./owner.ts";
import { type Scene, subjectOf } from "./scene.ts";

/** A database or files of an app, and the backups of it that there are. */
export interface Kept {
  readonly app: App;
  readonly what: Database | Files;
  readonly subject: Subject;
  readonly seen: BackupsSeen;
  /** Oldest first: what lies on the host, and what the journal says was taken elsewhere. */
  readonly backups: readonly KeptBackup[];
  /** Seconds since the app is known to be here. */
  readonly here: number;
}

export interface KeptBackup {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: string;
  /** Of the payload. */
  readonly bytes: number;
  /** What the database had when it was taken, where the journal tells. */
  readonly rows?: number;
  readonly where: readonly string[];
}

/** Apps that were never started here, and never backed up, have nothing to lose yet: they are left out. */
export function* keptOf(seen: Seen, scene: Scene): Iterable<Kept> {
  for (const app of scene.apps) {
    const found = seen.backups?.find((one) => one.app === appKey(app));
    if (!found) continue;
    const here = secondsHere(seen, scene, app, found);
    for (const what of [...app.databases, ...app.files]) {
      const backups = backupsOf(found, what.name);
      if (here === undefined && backups.length === 0) continue;
      yield { app, what, subject: subjectOf(scene, app, what.name), seen: found, backups, here: here ?? 0 };
    }
  }
}

/** Of one app: what is wrong with some of it alike is one fault, and told once. */
export function* keptByApp(seen: Seen, scene: Scene): Iterable<readonly [Kept, ...Kept[]]> {
  const all = [...keptOf(seen, scene)];
  for (const app of scene.apps) {
    const [first, ...others] = all.filter((kept) => kept.app === app);
    if (first) yield [first, ...others];
  }
}

/** Of one it is the subject, of several their app. */
export function subjectOfSeveral(scene: Scene, several: readonly [Kept, ...Kept[]]): Subject {
  const [first] = several;
  return several.length === 1 ? first.subject : subjectOf(scene, first.app);
}

export function namesOf(several: readonly Kept[]): string {
  return several.map(({ what }) => what.name).join(" and ");
}

function backupsOf({ app, destinations, backups }: BackupsSeen, subject: string): readonly KeptBackup[] {
  const all = new Map<string, KeptBackup>();
  const rows = new Map(backups.map(({ backup }) => [backup.name as string, backup.rows]));
  const add = (name: string, bytes: number, where: string) => {
    const parts = PARTS.exec(name);
    if (!backupName.parse(name) || !parts || parts[1] !== `${app}-${subject}`) return;
    const [, , y, mo, d, h, mi, s, reason = ""] = parts;
    const at = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
    const known = all.get(name);
    const most = Math.max(bytes, known?.bytes ?? 0);
    all.set(name, { name, at, reason, bytes: most, rows: rows.get(name), where: [...(known?.where ?? []), where] });
  };
  for (const { at, kept } of destinations) {
    for (const { name, files } of kept) add(name, payloadOf(files), at);
  }
  const onHost = new Set(destinations.map(({ at }) => at));
  for (const { to, backup } of backups) {
    // What is said to be on the host was looked for there.
    const sizes = Object.fromEntries(Object.entries(backup.files).map(([file, { bytes }]) => [file, bytes]));
    for (const where of to) if (!onHost.has(where)) add(backup.name, payloadOf(sizes), where);
  }
  return [...all.values()].sort((one, other) => one.at - other.at);
}

const PARTS = /^(.+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-(.+)-[0-9a-f]{4}$/;

function payloadOf(files: Readonly<Record<string, number>>): number {
  return Object.entries(files).reduce((sum, [file, size]) => (file.startsWith("data.") ? sum + size : sum), 0);
}

/** Since its first release, or since the oldest of its containers was made: undefined when there is neither. */
function secondsHere(seen: Seen, scene: Scene, app: App, { since }: BackupsSeen): number | undefined {
  const servers = app.databases.flatMap((database) => (database.kind === "postgres" ? [database.container as string] : []));
  const own = [...apps(scene, seen.containers)].flatMap((one) => (one.app === app ? [one.container.created] : []));
  if (own.length === 0 && since === undefined) return undefined;
  const shared = seen.containers.flatMap((one) => (servers.includes(one.name) ? [one.created] : []));
  const began = Math.min(...[...own, ...shared, ...(since ? [since] : [])].map((at) => Date.parse(at)));
  return Math.max(0, (scene.now.getTime() - began) / 1000);
}

/** `3 days`, `5 hours`, `40 minutes`: of seconds, rounded down. */
export function span(seconds: number): string {
  const [unit, length] = UNITS.find(([, one]) => seconds >= 2 * one) ?? ["minute", 60];
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ["day", 86_400],
  ["hour", 3600],
];
