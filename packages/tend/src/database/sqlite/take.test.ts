import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, closeSync, openSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SQLITE_STATUS } from "./status.ts";
import { check, inspect, take } from "./take.ts";
import { ledger, SHELLS, SqliteBench, TOOLS, tally } from "./testing.ts";

let bench: SqliteBench;
beforeEach(() => {
  bench = new SqliteBench();
});
afterEach(() => bench.close());

const json = (text: string) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function made(name: string, sql: string): string {
  const path = bench.file(name);
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
  return path;
}

describe.each([...TOOLS.keys()])("by %s, a backup", (tools) => {
  test("is whole and tells of itself", async () => {
    const path = made(
      "app.db",
      "PRAGMA journal_mode=wal; CREATE TABLE t(a PRIMARY KEY, b); INSERT INTO t VALUES (1, 'ä'), (2, NULL); CREATE TABLE none(x)",
    );
    const ran = await bench.run(take(bench.site(path)), { tools });
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    const about = json(ran.about);
    expect(about.filter((line) => "version" in line).map(({ version }) => String(version).split(" ")[0])).toEqual([
      "SQLite",
      tools,
    ]);
    expect(about).toContainEqual({ journal: "wal" });
    expect(about.filter((line) => "rows" in line)).toEqual([
      { rows: ["main", "none"], count: 0, hash: null },
      { rows: ["main", "t"], count: 2, hash: null },
    ]);
    expect(about.filter((line) => "object" in line).map(({ object }) => object)).toContainEqual(["table", "t"]);
    expect(bench.names).toEqual(["app.db"]);
    const checked = await bench.run(check(bench.site(path)), { tools, stdin: ran.stdout });
    expect([checked.status, checked.stdout.toString()]).toEqual([0, ran.about]);
  });

  test("is byte for byte what SQLite has, with the mode of its journal", async () => {
    const path = bench.file("app.db");
    ledger(path, "wal");
    const ran = await bench.run(take(bench.site(path)), { tools });
    writeFileSync(bench.file("copy.db"), ran.stdout);
    expect(tally(bench.file("copy.db"))).toEqual({ integrity: "ok", whole: true, n: 0 });
    expect(ran.stdout.subarray(18, 20)).toEqual(Buffer.from([2, 2]));
    expect(ran.stdout.length).toBe(statSync(path).size);
  });

  test("has what is only in the log so far", async () => {
    const db = new DatabaseSync(bench.file("app.db"));
    db.exec("PRAGMA journal_mode=wal; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)");
    const ran = await bench.run(take(bench.site(bench.file("app.db"))), { tools });
    db.close();
    expect(json(ran.about)).toContainEqual({ rows: ["main", "t"], count: 3, hash: null });
  });

  test("has what a crash left to be rolled back, rolled back", async () => {
    const path = bench.file("app.db");
    ledger(path, "delete");
    spawnSync(process.execPath, ["--no-warnings", "-e", CRASH, path]);
    expect(bench.names).toEqual(["app.db", "app.db-journal"]);
    const ran = await bench.run(take(bench.site(path)), { tools });
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    writeFileSync(bench.file("copy.db"), ran.stdout);
    expect(tally(bench.file("copy.db"))).toEqual({ integrity: "ok", whole: true, n: 0 });
  });

  test("copes with whatever stands in a name", async () => {
    const path = made(
      `it's 100% "odd" #1?.db`,
      `CREATE TABLE "we ""ird', \\"(a); INSERT INTO "we ""ird', \\" VALUES (1); CREATE VIRTUAL TABLE f USING fts5(x)`,
    );
    const ran = await bench.run(take(bench.site(path)), { tools });
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    expect(json(ran.about)).toContainEqual({ rows: ["main", `we "ird', \\`], count: 1, hash: null });
    expect(bench.names).toEqual([`it's 100% "odd" #1?.db`]);
  });

  test("doesn't need the functions that only the app has: it says what it couldn't check", async () => {
    const db = new DatabaseSync(bench.file("app.db"));
    db.function("own", { deterministic: true }, (text) => text);
    db.exec("CREATE TABLE t(a); CREATE INDEX i ON t(own(a)); INSERT INTO t VALUES (1)");
    db.close();
    const ran = await bench.run(take(bench.site(bench.file("app.db"))), { tools });
    expect([ran.status, ran.stderr]).toEqual([0, expect.stringMatching(/^warning: indexes weren't checked: .*own.*\n$/)]);
    expect(json(ran.about)).toContainEqual({ rows: ["main", "t"], count: 1, hash: null });
  });

  test("isn't needed of what isn't there yet, or of 0 bytes: it says so, and isn't an error", async () => {
    const absent = await bench.run(take(bench.site(bench.file("app.db"))), { tools });
    expect([absent.status, absent.stderr]).toEqual([
      SQLITE_STATUS.nothing,
      `nothing to back up: ${bench.file("app.db")} isn't there yet\n`,
    ]);
    writeFileSync(bench.file("app.db"), "");
    const empty = await bench.run(take(bench.site(bench.file("app.db"))), { tools });
    expect([empty.status, empty.stderr]).toEqual([
      SQLITE_STATUS.nothing,
      `nothing to back up: ${bench.file("app.db")} is empty (0 bytes)\n`,
    ]);
  });

  test("is refused of what isn't SQLite", async () => {
    writeFileSync(bench.file("app.db"), "name,amount\n".repeat(1000));
    const ran = await bench.run(take(bench.site(bench.file("app.db"))), { tools });
    expect([ran.status, ran.stderr]).toEqual([
      SQLITE_STATUS.notSqlite,
      `error: ${bench.file("app.db")} isn't a SQLite database, or it is encrypted\n`,
    ]);
    expect(ran.stdout.length).toBe(0);
  });

  test("is refused of a damaged one: it would take the place of a good backup", async () => {
    ledger(bench.file("app.db"), "delete");
    scramble(bench.file("app.db"));
    const ran = await bench.run(take(bench.site(bench.file("app.db"))), { tools });
    expect([ran.status, ran.stderr]).toEqual([SQLITE_STATUS.damaged, expect.stringMatching(/^error: .* is damaged: .*\n$/)]);
    expect([ran.stdout.length, bench.names]).toEqual([0, ["app.db"]]);
  });

  test("waits for a lock, until its deadline", async () => {
    ledger(bench.file("app.db"), "delete");
    const holder = new DatabaseSync(bench.file("app.db"));
    holder.exec("BEGIN EXCLUSIVE");
    const ran = await bench.run(take(bench.site(bench.file("app.db"), { deadline: 1 })), { tools });
    expect([ran.status, ran.stderr]).toEqual([
      SQLITE_STATUS.locked,
      `error: ${bench.file("app.db")} was locked for 1 s: something holds a transaction open\n`,
    ]);
    setTimeout(() => holder.exec("COMMIT"), 400);
    expect((await bench.run(take(bench.site(bench.file("app.db"), { deadline: 20 })), { tools })).status).toBe(0);
    holder.close();
    expect(bench.names).toEqual(["app.db"]);
  });

  test("is refused where it has no room, before any is taken", async () => {
    const path = bench.file("app.db");
    ledger(path, "delete");
    truncateSync(path, 2 ** 43);
    const ran = await bench.run(take(bench.site(path)), { tools });
    expect([ran.status, ran.stderr]).toEqual([
      SQLITE_STATUS.noSpace,
      expect.stringMatching(/^error: no space for a copy of .*\n$/),
    ]);
  });

  test("that was cut on its way isn't whole, nor is one that got a bit wrong where it matters", async () => {
    const path = bench.file("app.db");
    ledger(path);
    const { stdout } = await bench.run(take(bench.site(path)), { tools });
    const cut = await bench.run(check(bench.site(path)), { tools, stdin: stdout.subarray(0, 40_000) });
    expect([cut.status, cut.stdout.toString().includes("rows")]).toEqual([SQLITE_STATUS.damaged, false]);
    expect((await bench.run(check(bench.site(path)), { tools })).status).toBe(SQLITE_STATUS.incomplete);
    expect((await bench.run(check(bench.site(path)), { tools, stdin: "nothing of the kind ".repeat(100) })).status).toBe(
      SQLITE_STATUS.notSqlite,
    );
  });

  test("clears away what killed ones left long ago, and nothing else", async () => {
    const path = made("app.db", "CREATE TABLE t(a)");
    const old = new Date(Date.now() - 3 * 86_400_000);
    for (const name of [".tend-rold1-main", ".tend-rnew1-main", "app.db.tend-rold1"]) writeFileSync(bench.file(name), "x");
    for (const name of [".tend-rold1-main", "app.db.tend-rold1"]) utimesSync(bench.file(name), old, old);
    expect((await bench.run(take(bench.site(path)), { tools })).status).toBe(0);
    expect(bench.names).toEqual([".tend-rnew1-main", "app.db", "app.db.tend-rold1"]);
  });

  test("tells the same of the database itself", async () => {
    const path = made("app.db", "PRAGMA journal_mode=wal; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    const { about } = await bench.run(take(bench.site(path)), { tools });
    const ran = await bench.run(inspect(bench.site(path)), { tools });
    expect([ran.status, ran.stdout.toString(), bench.names]).toEqual([0, about, ["app.db"]]);
  });
});

test.each(SHELLS.map((shell) => [shell.join(" "), shell] as const))("a backup is the same in %s", async (_, shell) => {
  const path = made("app.db", "CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  for (const tools of TOOLS.keys()) {
    const ran = await bench.run(take(bench.site(path)), { tools, shell });
    expect([ran.status, ran.stderr, json(ran.about).length > 4]).toEqual([0, "", true]);
  }
});

test("a backup goes elsewhere where the folder can't be written", async () => {
  const path = made("app.db", "CREATE TABLE t(a)");
  chmodSync(bench.data, 0o555);
  const ran = await bench.run(take(bench.site(path)));
  chmodSync(bench.data, 0o755);
  expect([ran.status, ran.stderr]).toEqual([0, ""]);
});

test("a backup of a database that is reached by a symbolic link has the log of the file it leads to", async () => {
  const db = new DatabaseSync(bench.file("real.db"));
  db.exec("PRAGMA journal_mode=wal; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  execFileSync("ln", ["-s", "real.db", bench.file("app.db")]);
  for (const tools of TOOLS.keys()) {
    const ran = await bench.run(take(bench.site(bench.file("app.db"))), { tools });
    expect(json(ran.about)).toContainEqual({ rows: ["main", "t"], count: 1, hash: null });
  }
  db.close();
});

test("a path from the home folder is the host's own", async () => {
  made("app.db", "CREATE TABLE t(a)");
  expect((await bench.run(take(bench.site("~/data/app.db")))).status).toBe(0);
});

test("without any tool the app has to be stopped, and it is said beforehand", async () => {
  const path = made("app.db", "CREATE TABLE t(a)");
  const ran = await bench.run(take(bench.site(path)), { tools: "" });
  expect([ran.status, ran.stderr.split("\n")[0], ran.stdout.length]).toEqual([SQLITE_STATUS.needsStop, "needs-stop", 0]);
  rmSync(path);
  expect((await bench.run(take(bench.site(path)), { tools: "" })).status).toBe(SQLITE_STATUS.nothing);
});

/** Begins a large transaction, has SQLite write its pages, and dies. */
const CRASH = `
const { DatabaseSync } = require("node:sqlite");
const db = new DatabaseSync(process.argv[1]);
db.exec("PRAGMA cache_size=1; BEGIN; UPDATE left_side SET amount = 5; UPDATE right_side SET amount = 7");
process.kill(process.pid, "SIGKILL");
`;

function scramble(path: string): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(3000, 0xa5), 0, 3000, 4096 * 20 + 8);
  closeSync(file);
}
