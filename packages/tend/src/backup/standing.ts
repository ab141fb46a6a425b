import type { History } from "../journal/releases.ts";
import type { App } from "../model/fleet.ts";
import { keptBytes } from "./read.ts";

/** How one of an app's databases, or its files, is kept: what `status` shows of it. */
export interface KeptStatus {
  readonly subject: string;
  readonly newest?: { readonly name: string; readonly at: string; readonly bytes: number };
  /** The newest backup of today's data has less than half the size that the ten before it usually had. */
  readonly shrunk: boolean;
  readonly proven?: { readonly at: string; readonly seconds: number };
  /** Seconds until the newest one is called stale. */
  readonly stale: number;
}

/** From the app's journal alone: no place that keeps backups is asked. */
export function standing(app: App, history: Pick<History, "backups" | "drills">): readonly KeptStatus[] {
  return [...app.databases, ...app.files].map(({ name }) => {
    const all = history.backups.filter(({ backup }) => backup.subject === name);
    // What was there before a restore or a reset may be next to nothing, and that is no cause for alarm.
    const backups = all.filter(({ backup }) => !backup.reason.startsWith("pre-"));
    const newest = all.at(-1)?.backup;
    const proven = history.drills.findLast((drill) => drill.subject === name);
    return {
      subject: name,
      newest: newest && { name: newest.name, at: newest.at, bytes: keptBytes(newest) },
      shrunk: shrunk(backups.map(({ backup }) => keptBytes(backup))),
      proven: proven && { at: proven.at, seconds: proven.seconds },
      stale: app.backups.stale,
    };
  });
}

/** Oldest first. */
function shrunk(sizes: readonly number[]): boolean {
  const before = sizes.slice(-11, -1).sort((one, other) => one - other);
  const usual = before[Math.floor(before.length / 2)];
  return usual !== undefined && (sizes.at(-1) ?? 0) < usual / 2;
}

/** Weeks without a drill until the newest backups count as unproven. */
const UNPROVEN = 35 * 86_400;

/** What is out of the ordinary, for people; empty when nothing is. */
export function warnings(kept: KeptStatus, app: string, now: Date): readonly string[] {
  const { subject, newest, proven, stale } = kept;
  if (!newest) return [`${subject} was never backed up by tend: tend backup ${app}`];
  const age = (now.getTime() - Date.parse(newest.at)) / 1000;
  const since = proven ? (now.getTime() - Date.parse(proven.at)) / 1000 : Number.POSITIVE_INFINITY;
  return [
    ...(age > stale ? [`${subject}: the newest backup is ${hours(age)} old: tend backup ${app}`] : []),
    ...(kept.shrunk ? [`${subject}: the newest backup has less than half the usual size: tend drill ${app}`] : []),
    ...(since > UNPROVEN
      ? [`${subject}: ${proven ? "no restore was proven for 5 weeks" : "no restore was ever proven"}: tend drill ${app}`]
      : []),
  ];
}

function hours(seconds: number): string {
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
