import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QUERIES } from "./about.ts";
import { CLI } from "./cli.ts";
import { NODE } from "./node.ts";
import { PYTHON } from "./python.ts";
import { take } from "./take.ts";
import { ledger, SqliteBench, TOOLS, type Tool, tally, type Writer, writing } from "./testing.ts";

let bench: SqliteBench;
let writer: Writer | undefined;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(async () => {
  await writer?.kill();
  writer = undefined;
  bench.close();
});

/** Enough pages that a copy of them isn't one of a moment by luck. */
const PAGES = 40;

/** Each tool's own way to copy, as it is shipped, again and again in one process: into files called 0, 1, 2 … */
const COPIES: Readonly<Record<Tool, (times: number, folder: string) => readonly [string, readonly string[]]>> = {
  python3: (times, folder) => [
    "-c",
    [`${PYTHON.split("parent = os.getpid()")[0]}\ndef tell(line): pass\nfor at in range(${times}): copy("${folder}/%d" % at)`],
  ],
  node: (times, folder) => [
    "-e",
    [
      NODE.replace("(line) => process.send(line)", "() => {}").replace(
        /if \(process\.send .*\n$/,
        `(async () => { for (let at = 0; at < ${times}; at++) await copy("${folder}/" + at); })();`,
      ),
    ],
  ],
  sqlite3: (times, folder) => [
    "-c",
    [
      `${CLI.split("work() {")[0]}\nat=0 place=${folder}\nwhile [ $at -lt ${times} ]; do name=$at; copy; at=$(( at + 1 )); done`,
      "sh",
    ],
  ],
};

async function copied(tool: Tool, path: string, times: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(bench.folder, "copies-"));
  const [option, rest] = COPIES[tool](times, folder);
  const command = tool === "sqlite3" ? "sh" : (TOOLS.get(tool) as string);
  const child = spawn(command, [option, ...rest, "take", path, ".tend-r7k2p-main", "60", JSON.stringify(QUERIES)], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: bench.path(tool), NODE_NO_WARNINGS: "1" },
  });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  expect([await new Promise((resolve) => child.on("close", resolve)), said]).toEqual([0, ""]);
  return readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .sort((one, other) => Number(one) - Number(other))
    .map((name) => join(folder, name));
}

function expectOfOneMoment(copies: readonly string[]): void {
  const tallies = copies.map(tally);
  expect(tallies.filter(({ integrity, whole }) => integrity !== "ok" || !whole)).toEqual([]);
  const counts = tallies.map(({ n }) => n);
  expect(counts).toEqual([...counts].sort((one, other) => one - other));
  expect(counts.at(-1)).toBeGreaterThan(counts[0] as number);
}

describe("a thousand copies under a writer: none is torn", () => {
  const plan = (["python3", "node", "sqlite3"] as const).filter((tool) => TOOLS.has(tool));
  /** Node takes its time to begin each one. */
  const SHARES = { wal: { python3: 560, node: 160, sqlite3: 40 }, delete: { python3: 140, node: 60, sqlite3: 40 } } as const;
  const times = (tool: Tool, journal: "wal" | "delete") => {
    const absent = (["python3", "sqlite3"] as const).filter((one) => !TOOLS.has(one));
    return SHARES[journal][tool] + (tool === "node" ? absent.reduce((sum, one) => sum + SHARES[journal][one], 0) : 0);
  };

  test.each(plan.flatMap((tool) => (["wal", "delete"] as const).map((journal) => [tool, journal] as const)))(
    "by %s, journal %s",
    async (tool, journal) => {
      const path = bench.file("app.db");
      ledger(path, journal, PAGES);
      writer = await writing(path, PAGES, journal === "wal" ? 0 : 1);
      const count = times(tool, journal);
      const copies = await copied(tool, path, count);
      expect(copies.length).toBe(count);
      expectOfOneMoment(copies);
    },
  );
});

test("sixty backups by the whole script under a writer: none is torn, and each tells of the moment that it is of", async () => {
  const path = bench.file("app.db");
  ledger(path, "wal", PAGES);
  writer = await writing(path, PAGES, 1);
  const copies: string[] = [];
  for (let at = 0; at < 60; at++) {
    const tools = (at % 5 === 0 ? "node" : [...TOOLS.keys()][at % TOOLS.size]) as Tool;
    const ran = await bench.run(take(bench.site(path)), { tools });
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    expect(ran.about).toContain(`{"rows":["main","left_side"],"count":${PAGES},"hash":null}`);
    writeFileSync(join(bench.folder, `copy-${at}`), ran.stdout);
    copies.push(join(bench.folder, `copy-${at}`));
  }
  expectOfOneMoment(copies);
  expect(bench.names.filter((name) => name.startsWith("."))).toEqual([]);
});

describe("trap:", () => {
  const LARGE = 1500;

  test("a plain copy of a live file is torn, and SQLite finds nothing wrong with it; a backup isn't", async () => {
    const path = bench.file("app.db");
    ledger(path, "delete", LARGE);
    writer = await writing(path, LARGE);
    let torn = 0;
    for (let at = 0; at < 80 && torn === 0; at++) {
      copyFileSync(path, join(bench.folder, "plain.db"));
      const found = tally(join(bench.folder, "plain.db"));
      if (found.integrity === "ok" && !found.whole) torn++;
    }
    expect(torn).toBe(1);
    for (const tools of TOOLS.keys()) {
      const ran = await bench.run(take(bench.site(path)), { tools });
      expect([ran.status, ran.stderr]).toEqual([0, ""]);
      writeFileSync(join(bench.folder, "ours.db"), ran.stdout);
      expect(tally(join(bench.folder, "ours.db"))).toMatchObject({ integrity: "ok", whole: true });
    }
  });

  test("a plain copy without the log hasn't what was written last", () => {
    const path = bench.file("app.db");
    ledger(path, "wal", PAGES);
    const db = new DatabaseSync(path);
    db.exec(
      "PRAGMA wal_autocheckpoint=0; UPDATE pair SET a = 1, b = 1; UPDATE left_side SET amount = 999 WHERE id = 1; UPDATE right_side SET amount = 1001 WHERE id = 1",
    );
    copyFileSync(path, join(bench.folder, "plain.db"));
    expect(tally(join(bench.folder, "plain.db"))).toEqual({ integrity: "ok", whole: true, n: 0 });
    db.close();
  });

  test("a backup by steps begins again whenever somebody writes; in one step it ends", async () => {
    const path = bench.file("app.db");
    ledger(path, "wal", LARGE);
    writer = await writing(path, LARGE);
    const source = new DatabaseSync(path, { readOnly: true });
    let [again, last] = [0, Number.POSITIVE_INFINITY];
    const ended = await Promise.race([
      backup(source, join(bench.folder, "steps.db"), {
        rate: 10,
        progress: ({ remainingPages }) => {
          if (remainingPages > last) again++;
          last = remainingPages;
          if (again > 20) throw new Error("again and again");
        },
      }).catch((error: Error) => error.message),
      new Promise((resolve) => setTimeout(resolve, 5000, "late")),
    ]);
    source.close();
    expect([ended, again]).toEqual(["again and again", 21]);
    for (const tools of TOOLS.keys()) expect((await bench.run(take(bench.site(path)), { tools })).status).toBe(0);
  });

  test("VACUUM INTO forgets how the journal is kept; a backup doesn't", async () => {
    const path = bench.file("app.db");
    ledger(path, "wal", PAGES);
    const db = new DatabaseSync(path);
    db.exec(`VACUUM INTO '${join(bench.folder, "vacuum.db")}'`);
    db.close();
    expect(readFileSync(join(bench.folder, "vacuum.db"))[18]).toBe(1);
    for (const tools of TOOLS.keys()) expect((await bench.run(take(bench.site(path)), { tools })).stdout[18]).toBe(2);
  });
});
