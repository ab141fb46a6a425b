import type { Retention } from "../model/data.ts";
import type { BackupName } from "../model/names.ts";
import { byTime, type Entry } from "./catalogue.ts";

export interface Judged {
  readonly name: BackupName;
  readonly because: string;
}

export interface Pruning {
  readonly keep: readonly Judged[];
  readonly forget: readonly Judged[];
}

/**
 * Which backups of an app are kept. Each subject is judged by itself, by the dates of its good backups; how long ago
 * that was plays no part, so that a subject that isn't backed up any more keeps what it has. Whatever the numbers say,
 * the newest good backup of a subject stays, and so does what is needed, what is broken (a person decides about it), and
 * what has a date that is still to come: that clock was wrong.
 */
export function prune(entries: readonly Entry[], keep: Retention, needed: ReadonlySet<string>, now: Date): Pruning {
  const subjects = Map.groupBy(entries.toSorted(byTime), ({ subject }) => subject);
  const judged = [...subjects.values()].flatMap((some) => judge(some, keep, needed, now));
  return {
    keep: judged.flatMap(({ name, because, kept }) => (kept ? [{ name, because }] : [])),
    forget: judged.flatMap(({ name, because, kept }) => (kept ? [] : [{ name, because }])),
  };
}

/** One subject's, the oldest first. */
function judge(entries: readonly Entry[], keep: Retention, needed: ReadonlySet<string>, now: Date) {
  const good = entries.filter((entry) => entry.manifest && Date.parse(entry.at) <= now.getTime());
  const reasons = slots(good, keep);
  const newest = entries.findLast((entry) => entry.manifest);
  const newestPast = good.at(-1);
  return entries.map((entry) => {
    const because = whyKept();
    return { name: entry.name, because: because ?? "no slot of the retention is left for it", kept: because !== undefined };

    function whyKept(): string | undefined {
      if (!entry.manifest) return `broken: ${brokenBecause(entry)}; it fills no slot, and only a person takes it away`;
      if (entry === newest || entry === newestPast) return "the newest good backup";
      if (needed.has(entry.name)) return "it is needed";
      if (keep.kind === "all") return "all are kept";
      if (Date.parse(entry.at) > now.getTime()) return "its date is still to come";
      return reasons.get(entry.name);
    }
  });
}

function brokenBecause({ copies }: Entry): string {
  return [...new Set(copies.flatMap((copy) => (copy.state === "broken" ? [copy.reason] : [])))].join("; ");
}

/** The newest ones, and the newest one of each of the newest days, weeks and months that have any. */
function slots(good: readonly Entry[], keep: Retention): ReadonlyMap<BackupName, string> {
  const reasons = new Map<BackupName, string>();
  if (keep.kind === "all") return reasons;
  const newestFirst = good.toReversed();
  const fill = (most: number, periodOf: (entry: Entry, at: number) => string, because: (period: string) => string) => {
    const filled = new Set<string>();
    for (const [at, entry] of newestFirst.entries()) {
      const period = periodOf(entry, at);
      if (filled.has(period)) continue;
      if (filled.size >= most) return;
      filled.add(period);
      if (!reasons.has(entry.name)) reasons.set(entry.name, because(period));
    }
  };
  fill(
    keep.last,
    (_, at) => String(at),
    () => `one of the newest ${keep.last}`,
  );
  fill(keep.daily, dayOf, (day) => `the newest of ${day}`);
  fill(keep.weekly, weekOf, (week) => `the newest of the week ${week}`);
  fill(
    keep.monthly,
    (entry) => dayOf(entry).slice(0, 7),
    (month) => `the newest of ${month}`,
  );
  return reasons;
}

/** `2026-07-31`, in UTC. */
function dayOf({ at }: Entry): string {
  return new Date(at).toISOString().slice(0, 10);
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** `2026-W31`: ISO 8601 has a week belong to the year that its Thursday is in. */
function weekOf(entry: Entry): string {
  const day = new Date(`${dayOf(entry)}T00:00:00Z`);
  const thursday = new Date(day.getTime() + (4 - (day.getUTCDay() || 7)) * DAY_MS);
  const year = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS));
  return `${year}-W${String(week).padStart(2, "0")}`;
}
