import { describe, expect, test } from "vitest";
import type { Check } from "../../check.ts";
import { seenOf } from "../../facts/index.ts";
import { judge } from "../../judge.ts";
import { cases, container, factsOf, judged, sceneOf, YAML } from "../../testing.ts";
import { broken, destination, offsite } from "./places.ts";
import { missing, size, stale, unproven } from "./standing.ts";

const SILENT = { backups: { exit: 124, stdout: "" } };
const ON = "hemma/skriptoteket/main";
const APP = "hemma/skriptoteket";
const JOURNAL = /^\{.*\}\n/gm;

/** Taken hours before the look, with so many bytes; what was recorded is gone. */
function taken(...backups: readonly (readonly [hours: number, bytes: number])[]): (recorded: string) => string {
  const names = backups.map(([hours, bytes]) => {
    const at = new Date(Date.parse("2026-11-20T13:53:41Z") - hours * 3_600_000).toISOString().replace(/[-:]|\.\d+/g, "");
    return `kept skriptoteket-main-${at}-manual-0a1b\nfile ${bytes} data.dump\nfile 100 about.jsonl\n`;
  });
  return () => `app skriptoteket\ndestination ~/backups\nstate ready\n${names.join("")}`;
}
/** The app has been here for long. */
const created = (at: string) => (recorded: string) =>
  container("shared-postgres", () => ({ created: at }))(container("skriptoteket-web", () => ({ created: at }))(recorded));
const LONG = { containers: created("2026-09-01T10:00:00Z") };
const withoutBackups = (recorded: string) => recorded.replace(/^(kept|file|manifest) .*\n/gm, "").replace(JOURNAL, "");

cases(missing, {
  good: {},
  bad: {
    "nobody ever took one": {
      seen: { ...LONG, backups: withoutBackups },
      on: APP,
      says: "main and artifacts of skriptoteket have no backup",
    },
    "on its first day it is mentioned": {
      seen: { backups: withoutBackups },
      on: APP,
      says: "main and artifacts of skriptoteket have no backup",
    },
  },
  unmeasurable: { "the drive hangs": SILENT },
});

cases(stale, {
  good: { "this morning's": { backups: taken([30, 5000], [5, 5000]) } },
  bad: { "nobody took one for days": { seen: { backups: taken([120, 5000], [96, 5000]) }, on: ON, says: "is 4 days old" } },
  unmeasurable: { "the drive hangs": SILENT },
});

/** As `taken`, with the rows that the database had then in the journal. */
function counted(...backups: readonly (readonly [hours: number, bytes: number, rows: number])[]): (recorded: string) => string {
  return (recorded) => {
    const listed = taken(...backups.map(([hours, bytes]) => [hours, bytes] as const))(recorded);
    const names = [...listed.matchAll(/^kept (.*)$/gm)].map(([, name]) => name);
    const told = backups.map(([, , rows], at) =>
      JSON.stringify({
        v: 1,
        at: "2026-11-20T10:00:00Z",
        type: "backup",
        run: "r",
        to: [],
        backup: { name: names[at], rows, files: {} },
      }),
    );
    return `${listed}${told.join("\n")}\n`;
  };
}

cases(size, {
  good: {
    "a little less than usual": { backups: taken([72, 5000], [48, 5200], [24, 5100], [1, 4000]) },
    "one that has few before it": { backups: taken([24, 50_000], [1, 4000]) },
    "the same size each day, as is the database": {
      backups: counted([72, 5000, 900], [48, 5000, 900], [24, 5010, 910], [1, 5010, 920]),
    },
    "more rows, which large ones beside them hide": {
      backups: counted([72, 9_000_000, 900], [48, 9_000_000, 1800], [24, 9_000_100, 2700], [1, 9_000_200, 3600]),
    },
    "more rows, and larger backups": {
      backups: counted([72, 5000, 900], [48, 6000, 1200], [24, 7000, 1500], [1, 8000, 1900]),
    },
  },
  bad: {
    "half of it is gone": {
      seen: { backups: taken([72, 5000], [48, 5200], [24, 5100], [1, 2000]) },
      on: ON,
      says: "2.0 kB, and 5.1 kB is usual",
    },
    "the database grows, and its backups don't": {
      seen: { backups: counted([72, 5000, 900], [48, 5010, 1200], [24, 5005, 1500], [1, 5000, 1900]) },
      on: ON,
      says: "stay at 5.0 kB, while its rows have grown from 900 to 1900",
    },
    "next to nothing": { seen: { backups: taken([1, 20]) }, on: ON, says: "20 B" },
  },
  unmeasurable: { "the drive hangs": SILENT },
});

cases(destination, {
  good: {
    "it will be made": { backups: (recorded) => withoutBackups(recorded).replace("state ready", "state new") },
  },
  bad: {
    "its drive isn't mounted": {
      seen: { backups: (recorded) => recorded.replace(/^(kept|file|manifest) .*\n/gm, "").replace("state ready", "state new") },
      on: "hemma/skriptoteket/~/backups",
      says: /~\/backups.*is gone.*skriptoteket-/s,
    },
    "an empty folder is where it was": {
      seen: { backups: (recorded) => recorded.replace(/^(kept|file|manifest) .*\n/gm, "") },
      on: "hemma/skriptoteket/~/backups",
      says: "none of the backups",
    },
    "it became read-only": {
      seen: { backups: (recorded) => recorded.replace("state ready", "state read-only") },
      on: "hemma/skriptoteket/~/backups",
      says: "can't be written",
    },
    "a file has its name": {
      seen: { backups: (recorded) => recorded.replace("state ready", "state no-folder") },
      on: "hemma/skriptoteket/~/backups",
      says: "is no folder",
    },
  },
  unmeasurable: { "the drive hangs": SILENT },
});

cases(broken, {
  good: {},
  bad: {
    "it was cut off": {
      seen: { backups: (recorded) => recorded.replace(/^file \d+ data.dump$/m, "file 12 data.dump") },
      on: ON,
      says: /data\.dump has 12 bytes of \d+/,
    },
    "its manifest was changed": {
      seen: { backups: (recorded) => recorded.replace('"reason":"manual"', '"reason":"changed"') },
      on: ON,
      says: /manifest/,
    },
  },
  unmeasurable: { "the drive hangs": SILENT },
});

/** How grave it is on the host where the app has been since then. */
function graveSince(check: Check, subject: string, at: string): string | undefined {
  const backups =
    check === missing ? withoutBackups : (recorded: string) => recorded.replace(/^\{.*"type":"release".*\}\n/gm, "");
  const { findings } = judged(check, { containers: created(at), backups });
  return findings.find((finding) => finding.subject === subject)?.severity;
}

test("an app's first day is for setting its backups up", () => {
  expect(graveSince(missing, APP, "2026-11-20T10:00:00Z")).toBe("info");
  expect(graveSince(missing, APP, "2026-11-18T10:00:00Z")).toBe("error");
});

describe(offsite.id, () => {
  test("is mentioned in the first week, and found later", () => {
    expect(graveSince(offsite, "hemma/skriptoteket", "2026-11-19T10:00:00Z")).toBe("info");
    expect(graveSince(offsite, "hemma/skriptoteket", "2026-11-10T10:00:00Z")).toBe("warning");
  });

  test("says nothing of where none is: that there is none is told already", () => {
    expect(judged(offsite, { ...LONG, backups: withoutBackups }).findings).toEqual([]);
  });

  test("a second place is one that isn't the host", () => {
    const elsewhere = YAML.replace("to: [~/backups]", "to: [~/backups, here:~/backups]");
    expect(judged(offsite, {}, elsewhere).findings).toEqual([]);
  });

  test("is unknown when the host doesn't answer", () => {
    expect(judged(offsite, SILENT).unknown).toHaveLength(1);
  });
});

describe(unproven.id, () => {
  test("is mentioned in the first month, and found later", () => {
    expect(graveSince(unproven, APP, "2026-11-10T10:00:00Z")).toBe("info");
    expect(graveSince(unproven, APP, "2026-10-10T10:00:00Z")).toBe("warning");
  });

  test("a trial restore within a month is enough", () => {
    const drill = (at: string) => (recorded: string) =>
      `${recorded}{"v":1,"at":"${at}","type":"drill","run":"rabc","subject":"main","backup":"b","seconds":2}\n`;
    const on = (at: string) => judged(unproven, { backups: drill(at) }).findings.map((finding) => finding.subject);
    expect(on("2026-11-01T10:00:00Z")).toEqual(["hemma/skriptoteket/artifacts"]);
    expect(on("2026-10-01T10:00:00Z")).toEqual([APP]);
  });

  test("of what has backups isn't explained by what has none", () => {
    const scene = sceneOf(YAML.replace("    files:\n", "    files:\n      reports: { path: /srv/reports }\n"));
    const { findings } = judge([missing, unproven], seenOf(factsOf(LONG, scene)), scene);
    expect(findings.map(({ id, subject }) => `${id} ${subject}`)).toEqual([
      "backup.missing hemma/skriptoteket/reports",
      "backup.restore.unproven hemma/skriptoteket",
    ]);
  });

  test("is unknown when the host doesn't answer", () => {
    expect(judged(unproven, SILENT).unknown).toHaveLength(1);
  });
});
