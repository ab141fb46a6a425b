import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Script } from "../../transport/argv.ts";
import { discard } from "./discard.ts";
import { place } from "./place.ts";
import type { SqliteSite } from "./site.ts";
import { SQLITE_STATUS } from "./status.ts";
import { swapBack, swapIn } from "./swap.ts";
import { SqliteBench } from "./testing.ts";

let bench: SqliteBench;
let site: SqliteSite;
/** The database as an app leaves it that was killed: what it wrote last is in the log alone. */
let left: string;
let payload: Buffer;

beforeAll(() => {
  bench = new SqliteBench();
  site = bench.site(bench.file("app.db"));
  left = join(bench.folder, "left");
  mkdirSync(left);
  spawnSync(process.execPath, ["--no-warnings", "-e", LEAVE, join(left, "app.db"), "first", "last"]);
  const made = join(bench.folder, "payload.db");
  spawnSync(process.execPath, ["--no-warnings", "-e", LEAVE, made, "of the backup", "restored"]);
  said(made);
  payload = readFileSync(made);
});
afterAll(() => bench.close());
beforeEach(() => restage(left));

const OLD = ["first", "last"];
const NEW = ["of the backup", "restored"];

const LEAVE = `
const { DatabaseSync } = require("node:sqlite");
const [path, first, last] = process.argv.slice(1);
const db = new DatabaseSync(path);
db.exec("PRAGMA journal_mode=wal; CREATE TABLE IF NOT EXISTS said(text)");
const say = db.prepare("INSERT INTO said VALUES (?)");
say.run(first);
db.exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint=0");
say.run(last);
process.kill(process.pid, "SIGKILL");
`;

/** What an app finds that opens it, or that there is none. */
function said(path: string): readonly string[] {
  const db = new DatabaseSync(path);
  try {
    expect(db.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    if (!db.prepare("SELECT 1 FROM sqlite_master").get()) return [];
    return db
      .prepare("SELECT text FROM said ORDER BY rowid")
      .all()
      .map(({ text }) => text as string);
  } finally {
    db.close();
  }
}

/** The folder as it was kept. GNU's cp alone keeps hard links apart from copies. */
function restage(from: string): void {
  rmSync(bench.data, { recursive: true, force: true });
  spawnSync("cp", ["-a", from, bench.data]);
}

/** The same, in a folder that may be ruined by looking. */
function saidNow(): readonly string[] {
  const aside = join(bench.folder, "aside");
  rmSync(aside, { recursive: true, force: true });
  spawnSync("cp", ["-a", bench.data, aside]);
  return said(join(aside, "app.db"));
}

const sum = (bytes: Buffer) => ({ bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });

async function done(script: Script, stdin?: Buffer): Promise<void> {
  const ran = await bench.run(script, { stdin });
  expect([ran.status, ran.stderr]).toEqual([0, ""]);
}

const placed = () => done(place(site, sum(payload)), payload);

describe("a file that is placed", () => {
  test("stands beside the live one as it was sent, with its owner and mode", async () => {
    chmodSync(bench.file("app.db"), 0o640);
    await placed();
    expect(readFileSync(bench.file("app.db.tend-r7k2p")).equals(payload)).toBe(true);
    expect(statSync(bench.file("app.db.tend-r7k2p")).mode & 0o777).toBe(0o640);
    expect(said(bench.file("app.db"))).toEqual(OLD);
  });

  test.each([
    ["cut on its way", (it: Buffer) => it.subarray(0, it.length - 1), SQLITE_STATUS.incomplete],
    [
      "changed on its way",
      (it: Buffer) => Buffer.concat([it.subarray(0, 5000), Buffer.from("X"), it.subarray(5001)]),
      SQLITE_STATUS.incomplete,
    ],
    ["not come at all", () => Buffer.alloc(0), SQLITE_STATUS.incomplete],
  ])("isn't there when it was %s", async (_, change, status) => {
    const ran = await bench.run(place(site, sum(payload)), { stdin: change(payload) });
    expect([ran.status, ran.stderr]).toEqual([status, expect.stringMatching(/^error: .*app\.db is incomplete: .*\n$/)]);
    expect(bench.names).toEqual(["app.db", "app.db-shm", "app.db-wal"]);
  });

  test("isn't begun where it has no room", async () => {
    const ran = await bench.run(place(site, { bytes: 2 ** 50, sha256: "" }), { stdin: payload });
    expect([ran.status, bench.names.length]).toEqual([SQLITE_STATUS.noSpace, 3]);
  });

  test("goes again, and nothing else does", async () => {
    await placed();
    await done(discard(site, "placed"));
    expect(bench.names).toEqual(["app.db", "app.db-shm", "app.db-wal"]);
  });
});

describe("a swap", () => {
  test("trap: a log that is left behind is folded into the restored file, which is neither one then", async () => {
    await placed();
    rmSync(bench.file("app.db"));
    writeFileSync(bench.file("app.db"), payload);
    let found: unknown;
    try {
      found = said(bench.file("app.db"));
    } catch (error) {
      found = error;
    }
    expect(found).not.toEqual(NEW);
  });

  test("leaves no log of the old database to the new one, and keeps it with the old one", async () => {
    await placed();
    await done(swapIn(site));
    expect(bench.names).toEqual(["app.db", "app.db.before-r7k2p", "app.db.before-r7k2p-shm", "app.db.before-r7k2p-wal"]);
    expect(said(bench.file("app.db"))).toEqual(NEW);
    expect(said(bench.file("app.db.before-r7k2p"))).toEqual(OLD);
  });

  test("done once more changes nothing; nor does one with nothing to swap", async () => {
    await placed();
    await done(swapIn(site));
    await done(swapIn(site));
    expect(said(bench.file("app.db"))).toEqual(NEW);
    restage(left);
    const ran = await bench.run(swapIn(site));
    expect([ran.status, ran.stderr]).toEqual([1, `error: ${bench.file("app.db")}: nothing was placed\n`]);
    expect(said(bench.file("app.db"))).toEqual(OLD);
  });

  test("is undone with all that was written, and keeps what came in between", async () => {
    await placed();
    await done(swapIn(site));
    spawnSync(process.execPath, ["--no-warnings", "-e", LEAVE, bench.file("app.db"), "in", "between"]);
    await done(swapBack(site));
    await done(swapBack(site));
    expect(said(bench.file("app.db"))).toEqual(OLD);
    expect(said(bench.file("app.db.tend-r7k2p"))).toEqual([...NEW, "in", "between"]);
    await done(swapIn(site));
    expect(said(bench.file("app.db"))).toEqual([...NEW, "in", "between"]);
  });

  test("puts a database where there was none, and takes it away again", async () => {
    rmSync(bench.data, { recursive: true });
    mkdirSync(bench.data);
    await placed();
    await done(swapIn(site));
    expect(said(bench.file("app.db"))).toEqual(NEW);
    await done(swapBack(site));
    expect(bench.names).toEqual(["app.db.tend-r7k2p"]);
    await done(swapIn(site));
    expect(said(bench.file("app.db"))).toEqual(NEW);
  });

  test("with nothing coming in leaves the app to begin anew, and the old one comes back", async () => {
    await done(swapIn(site, "nothing"));
    await done(swapIn(site, "nothing"));
    expect(bench.names).toEqual(["app.db.before-r7k2p", "app.db.before-r7k2p-shm", "app.db.before-r7k2p-wal"]);
    await done(swapBack(site));
    expect(said(bench.file("app.db"))).toEqual(OLD);
    await done(swapIn(site, "nothing"));
    spawnSync(process.execPath, ["--no-warnings", "-e", LEAVE, bench.file("app.db"), "begun", "anew"]);
    await done(swapIn(site, "nothing"));
    expect(saidNow()).toEqual(["begun", "anew"]);
    await done(swapBack(site));
    expect(said(bench.file("app.db"))).toEqual(OLD);
    expect(said(bench.file("app.db.tend-r7k2p"))).toEqual(["begun", "anew"]);
  });

  test("changes the file that somebody's symbolic link leads to", async () => {
    symlinkSync("app.db", bench.file("current.db"));
    site = bench.site(bench.file("current.db"));
    await placed();
    await done(swapIn(site));
    expect(said(bench.file("current.db"))).toEqual(NEW);
    expect(said(bench.file("app.db.before-r7k2p"))).toEqual(OLD);
    site = bench.site(bench.file("app.db"));
  });

  test("isn't begun while somebody has the database open", async () => {
    await placed();
    const db = new DatabaseSync(bench.file("app.db"));
    db.prepare("SELECT text FROM said").all();
    const ran = await bench.run(swapIn(site));
    db.close();
    expect([ran.status, ran.stderr]).toEqual([
      SQLITE_STATUS.inUse,
      `error: something on the host still has ${bench.file("app.db")} open\n`,
    ]);
  });
});

describe("cut short before any of its commands", () => {
  const watchful = () => join(bench.folder, "watchful");

  beforeAll(() => {
    mkdirSync(watchful());
    for (const name of ["mv", "ln", "rm", "sync"]) {
      const file = join(watchful(), name);
      writeFileSync(file, `#!/bin/sh\n. ${watchful()}/before\nexec ${bench.path("")}/${name} "$@"\n`);
      chmodSync(file, 0o755);
    }
  });

  /** Has this done before every command that changes something, in $n. */
  function beforeEachCommand(what: string, script: Script) {
    writeFileSync(join(bench.folder, "count"), "0");
    writeFileSync(join(watchful(), "before"), `read -r n <"$COUNT"; n=$(( n + 1 )); echo $n >"$COUNT"\n${what}\n`);
    return bench.run(script, {
      env: { PATH: `${watchful()}:${bench.path("")}`, COUNT: join(bench.folder, "count"), DATA: bench.data },
    });
  }

  /** Every state that it could be left in, once each. */
  async function states(script: Script): Promise<readonly string[]> {
    const kept = mkdtempSync(join(bench.folder, "states-"));
    expect((await beforeEachCommand(`cp -a "$DATA" ${kept}/$n`, script)).status).toBe(0);
    const found = new Map<string, string>();
    for (const name of readdirSync(kept).sort((one, other) => Number(one) - Number(other))) {
      const state = spawnSync("stat", ["-c", "%N %h %s", ...readdirSync(join(kept, name)).sort()], { cwd: join(kept, name) });
      found.set(state.stdout.toString(), join(kept, name));
    }
    expect(found.size).toBeGreaterThan(6);
    return [...found.values()];
  }

  const started = (...wrote: readonly [string, string]) =>
    spawnSync(process.execPath, ["--no-warnings", "-e", LEAVE, bench.file("app.db"), ...wrote]);

  test("and killed for real, a swap is finished by running it again", async () => {
    for (const at of [3, 8, 14]) {
      restage(left);
      await placed();
      expect((await beforeEachCommand(`[ $n != ${at} ] || kill -9 0`, swapIn(site))).status).toBe(null);
      await done(swapIn(site));
      expect([said(bench.file("app.db")), said(bench.file("app.db.before-r7k2p"))]).toEqual([NEW, OLD]);
    }
  });

  test("a swap leaves the old database or the new one, whole; it can be finished, and it can be undone", async () => {
    await placed();
    for (const state of await states(swapIn(site))) {
      restage(state);
      expect([OLD, NEW]).toContainEqual(saidNow());
      await done(swapIn(site));
      expect([said(bench.file("app.db")), said(bench.file("app.db.before-r7k2p"))]).toEqual([NEW, OLD]);
      restage(state);
      await done(swapBack(site));
      expect(said(bench.file("app.db"))).toEqual(OLD);
      expect(bench.names.filter((name) => name.includes("before"))).toEqual([]);
    }
  });

  test("a swap loses nothing of what an app wrote that was started in between", async () => {
    await placed();
    for (const state of await states(swapIn(site))) {
      restage(state);
      started("meanwhile", "written");
      const found = saidNow();
      await done(swapIn(site));
      expect([said(bench.file("app.db")), said(bench.file("app.db.before-r7k2p"))]).toContainEqual(found);
    }
  });

  test("an undo can be finished", async () => {
    await placed();
    await done(swapIn(site));
    started("in", "between");
    for (const state of await states(swapBack(site))) {
      restage(state);
      expect([OLD, [...NEW, "in", "between"]]).toContainEqual(saidNow());
      await done(swapBack(site));
      expect([said(bench.file("app.db")), said(bench.file("app.db.tend-r7k2p"))]).toEqual([OLD, [...NEW, "in", "between"]]);
    }
  });

  test("putting the live one aside can be finished and undone", async () => {
    for (const state of await states(swapIn(site, "nothing"))) {
      restage(state);
      expect([OLD, []]).toContainEqual(saidNow());
      await done(swapIn(site, "nothing"));
      expect(said(bench.file("app.db.before-r7k2p"))).toEqual(OLD);
      restage(state);
      await done(swapBack(site));
      expect(said(bench.file("app.db"))).toEqual(OLD);
    }
  });
});
