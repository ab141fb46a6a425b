import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Retention } from "../model/data.ts";
import { catalogue, type Entry } from "./catalogue.ts";
import { prune } from "./retention.ts";
import { listedOf, manifestOf } from "./testing.ts";

const NOW = new Date("2026-07-31T12:00:00Z");
const some = (last: number, daily = 0, weekly = 0, monthly = 0): Retention => ({ kind: "some", last, daily, weekly, monthly });

function history(...dates: readonly string[]): readonly Entry[] {
  return catalogue("legal", [{ at: "x", listed: dates.map((at) => listedOf(manifestOf({ at }))) }]);
}

function keptDates(entries: readonly Entry[], keep: Retention, needed: readonly string[] = []): readonly string[] {
  const kept = new Set(prune(entries, keep, new Set(needed), NOW).keep.map(({ name }) => name));
  return entries.filter(({ name }) => kept.has(name)).map(({ at }) => at);
}

describe("retention", () => {
  test("keeps all by default", () => {
    expect(prune(history("2020-01-01T00:00:00Z", "2026-07-01T00:00:00Z"), { kind: "all" }, new Set(), NOW).forget).toEqual([]);
  });

  test("keeps the newest ones, and the newest of days, weeks and months", () => {
    const entries = history(
      "2026-05-31T23:59:59Z",
      "2026-06-30T01:00:00Z",
      "2026-06-30T02:00:00Z",
      "2026-07-19T23:59:59Z", // a Sunday
      "2026-07-20T00:00:00Z", // the Monday after
      "2026-07-30T01:00:00Z",
      "2026-07-30T02:00:00Z",
      "2026-07-31T01:00:00Z",
    );
    const from = (...numbers: readonly number[]) => numbers.map((at) => entries[at]?.at);
    expect(keptDates(entries, some(1))).toEqual(from(7));
    expect(keptDates(entries, some(3))).toEqual(from(5, 6, 7));
    expect(keptDates(entries, some(0, 3))).toEqual(from(4, 6, 7));
    expect(keptDates(entries, some(0, 0, 3))).toEqual(from(3, 4, 7));
    expect(keptDates(entries, some(0, 0, 0, 2))).toEqual(from(2, 7));
    expect(keptDates(entries, some(0, 0, 0, 0))).toEqual(from(7));
    const { keep } = prune(entries, some(1, 2, 0, 2), new Set(), NOW);
    expect(keep.map(({ because }) => because)).toEqual([
      "the newest of 2026-06",
      "the newest of 2026-07-30",
      "the newest good backup",
    ]);
  });

  test("counts weeks as ISO 8601 does, also where years meet", () => {
    const entries = history("2024-12-29T12:00:00Z", "2024-12-30T12:00:00Z", "2025-01-05T12:00:00Z", "2025-01-06T12:00:00Z");
    expect(keptDates(entries, some(0, 0, 9)).length).toBe(3);
    const { keep } = prune(entries, some(0, 0, 9), new Set(), NOW);
    expect(keep.map(({ because }) => because)).toEqual([
      "the newest of the week 2024-W52",
      "the newest of the week 2025-W01",
      "the newest good backup",
    ]);
  });

  test("takes a day for 24 hours from midnight in UTC, in the night that has 25 as well", () => {
    const entries = history("2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T23:30:00Z");
    const kept = prune(entries, some(0, 2), new Set(), new Date("2026-11-01T00:00:00Z")).keep;
    expect(kept.map(({ name }) => name)).toEqual([entries[0]?.name, entries[3]?.name]);
  });

  test("keeps what is needed, and lets it fill no other's slot", () => {
    const entries = history("2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z", "2026-07-03T00:00:00Z");
    expect(keptDates(entries, some(1), [entries[0]?.name ?? ""])).toEqual(["2026-07-01T00:00:00Z", "2026-07-03T00:00:00Z"]);
  });

  test("doesn't count what is broken, and doesn't take it away", () => {
    const [old, broken] = ["2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"].map((at) => listedOf(manifestOf({ at })));
    if (!old || !broken) throw new Error("there are two");
    const entries = catalogue("legal", [{ at: "x", listed: [old, { ...broken, files: {} }] }]);
    const { keep, forget } = prune(entries, some(1), new Set(), NOW);
    expect(forget).toEqual([]);
    expect(keep).toEqual([
      { name: old.name, because: "the newest good backup" },
      { name: broken.name, because: "broken: data.dump is missing; it fills no slot, and only a person takes it away" },
    ]);
  });

  test("keeps what has a date to come, without letting it stand for the newest", () => {
    const entries = history("2026-07-30T00:00:00Z", "2026-07-31T00:00:00Z", "2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z");
    expect(keptDates(entries, some(1))).toEqual(entries.slice(1).map(({ at }) => at));
  });
});

/** Any history: several subjects, some broken, in any order, at the same instants or apart, with clocks that went wrong. */
const anyInstant = fc.oneof(
  fc.integer({ min: -400 * 24, max: 48 }).map((hours) => NOW.getTime() + hours * 3_600_000),
  fc.integer({ min: -400 * 86_400, max: 100_000 }).map((seconds) => NOW.getTime() + seconds * 1000),
  fc.constantFrom("2026-10-25T00:59:59Z", "2026-10-25T01:00:00Z", "2026-03-29T01:00:00Z", "2024-12-31T23:59:59Z").map(Date.parse),
);
const anyBackup = fc.record({
  at: anyInstant,
  subject: fc.constantFrom("core", "users", "core-2"),
  random: fc.stringMatching(/^[0-9a-f]{4}$/),
  broken: fc.integer({ min: 0, max: 5 }).map((one) => one === 0),
});
type Backup = typeof anyBackup extends fc.Arbitrary<infer T> ? T : never;
const anyHistory = fc.uniqueArray(anyBackup, { maxLength: 60, selector: (one) => nameFor(one) });
const count = fc.integer({ min: 0, max: 8 });
const anyRetention: fc.Arbitrary<Retention> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Retention>({ kind: "all" }) },
  { weight: 9, arbitrary: fc.tuple(count, count, count, count).map((numbers) => some(...numbers)) },
);

function nameFor({ at, subject, random }: Backup): string {
  return `legal-${subject}-${new Date(at).toISOString().replace(/[-:]|\.\d+/g, "")}-manual-${random}`;
}

function entriesOf(backups: readonly Backup[]): readonly Entry[] {
  const listed = backups.map((backup) => {
    const name = nameFor(backup) as Entry["name"];
    const one = listedOf(manifestOf({ name, subject: backup.subject, at: new Date(backup.at).toISOString() }));
    return backup.broken ? { ...one, files: {} } : one;
  });
  return catalogue("legal", [{ at: "x", listed }]);
}

describe("whatever the history", () => {
  const holds = (property: (backups: Backup[], keep: Retention, needed: ReadonlySet<string>) => void) =>
    fc.assert(
      fc.property(anyHistory, anyRetention, fc.array(fc.nat({ max: 59 }), { maxLength: 4 }), (backups, keep, picks) =>
        property(backups, keep, new Set(picks.flatMap((at) => (backups[at] ? [nameFor(backups[at])] : [])))),
      ),
      { numRuns: 1000 },
    );
  const forgotten = (entries: readonly Entry[], keep: Retention, needed: ReadonlySet<string>) =>
    new Set<string>(prune(entries, keep, needed, NOW).forget.map(({ name }) => name));

  test("each backup is judged once, and has a reason", () => {
    holds((backups, keep, needed) => {
      const { keep: kept, forget } = prune(entriesOf(backups), keep, needed, NOW);
      expect([...kept, ...forget].map(({ name }) => name as string).sort()).toEqual(backups.map(nameFor).sort());
      for (const { because } of [...kept, ...forget]) expect(because).not.toBe("");
    });
  });

  test("the newest good one of each subject, what is needed and what is broken stay", () => {
    holds((backups, keep, needed) => {
      const entries = entriesOf(backups);
      const gone = forgotten(entries, keep, needed);
      for (const subject of ["core", "users", "core-2"]) {
        const good = entries.filter((entry) => entry.subject === subject && entry.manifest);
        const past = good.filter(({ at }) => Date.parse(at) <= NOW.getTime());
        for (const newest of [good.at(-1), past.at(-1)]) expect(newest && gone.has(newest.name)).not.toBe(true);
      }
      for (const entry of entries) if (!entry.manifest || needed.has(entry.name)) expect(gone.has(entry.name)).toBe(false);
    });
  });

  test("the order in which they are listed plays no part", () => {
    holds((backups, keep, needed) => {
      expect(prune([...entriesOf(backups)].reverse(), keep, needed, NOW)).toEqual(prune(entriesOf(backups), keep, needed, NOW));
    });
  });

  test("a subject is judged as if it were alone", () => {
    holds((backups, keep, needed) => {
      const together = forgotten(entriesOf(backups), keep, needed);
      const apart = ["core", "users", "core-2"].flatMap((subject) => [
        ...forgotten(entriesOf(backups.filter((one) => one.subject === subject)), keep, needed),
      ]);
      expect([...together].sort()).toEqual(apart.sort());
    });
  });

  test("pruning again changes nothing", () => {
    holds((backups, keep, needed) => {
      const gone = forgotten(entriesOf(backups), keep, needed);
      const left = entriesOf(backups.filter((backup) => !gone.has(nameFor(backup))));
      expect(forgotten(left, keep, needed).size).toBe(0);
    });
  });

  test("a newer backup never brings one back", () => {
    holds((backups, keep, needed) => {
      const gone = forgotten(entriesOf(backups), keep, needed);
      for (const at of [NOW.getTime(), NOW.getTime() + 86_400_000]) {
        const newer = {
          at: Math.max(at, ...backups.map((one) => one.at)),
          subject: "core" as const,
          random: "ffff",
          broken: false,
        };
        if (backups.some((backup) => nameFor(backup) === nameFor(newer))) continue;
        const then = forgotten(entriesOf([...backups, newer]), keep, needed);
        for (const name of gone) expect(then.has(name)).toBe(true);
      }
    });
  });

  test("a backup that breaks takes no good one along", () => {
    holds((backups, keep, needed) => {
      const gone = forgotten(entriesOf(backups), keep, needed);
      const worse = backups.map((backup, at) => (at === 0 ? { ...backup, broken: true } : backup));
      for (const name of forgotten(entriesOf(worse), keep, needed)) expect(gone.has(name)).toBe(true);
    });
  });
});
