import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, eventually } from "../lab/ask.ts";
import { changesSince, clock } from "../lab/engine.ts";
import { keptOf, said } from "../lab/kept.ts";
import { freshHost, labHostOfThisWorker, on } from "../lab/lab.ts";
import { FOLDER, type Quartermaster, quartermaster } from "../lab/quartermaster.ts";

const HOST = labHostOfThisWorker();
const DATABASE = "/mnt/quartermaster/quartermaster.db";

describe("quartermaster keeps its budget in one SQLite file", () => {
  let app: Quartermaster;
  const tend = (exit: number, ...args: readonly string[]) => said(app.workshop, exit, ...args);
  const query = async (sql: string) => (await tend(0, "db", "query", "quartermaster", sql)).trim();
  const backups = () => keptOf(app.workshop, "quartermaster");
  const postings = async () => Number(await query("select count(*) from posting"));
  const migration = (file: string, statements: string) =>
    on(HOST, `cat >/srv/sources/quartermaster/migrations/${file}.sql`, statements);

  beforeAll(async () => {
    await freshHost(HOST);
    app = await quartermaster(HOST);
    await app.publish("aaaaaa1");
    await migration("0003_tags", "ALTER TABLE posting ADD COLUMN tag TEXT NOT NULL DEFAULT 'none';");
    await app.publish("bbbbbb2");
    await migration("0004_broken", "UPDATE posting SET amount = 0; INSERT INTO nowhere VALUES (1);");
    await app.publish("cccccc3");
  }, 240_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("the first deploy has nothing to back up: it says so in a line, and lists nothing", async () => {
    const first = await tend(0, "deploy", "quartermaster", "--tag", "aaaaaa1");
    expect(first).toContain(`nothing to back up: ${DATABASE} isn't there yet`);
    expect(first).toContain("release 1 of quartermaster is live");
    expect(await backups()).toEqual([]);
    await on(HOST, "docker exec quartermaster node src/seed.ts");
    expect(await postings()).toBe(10_800);
  });

  it("a release with a new migration is backed up first, and its record has the head and the backup", async () => {
    await tend(0, "deploy", "quartermaster", "--tag", "bbbbbb2");
    await eventually(() => app.version(), "bbbbbb2");
    const [backup, ...others] = await backups();
    expect(others).toEqual([]);
    expect(backup?.manifest).toMatchObject({ reason: "migrate", release: 1, head: "0002", rows: 36 + 432 + 10_800 + 2 });
    const made = (await on(HOST, "docker inspect --format '{{.Created}}' quartermaster")).trim();
    expect(Date.parse(backup?.manifest?.verified ?? "")).toBeLessThanOrEqual(Date.parse(made));
    const { releases } = JSON.parse(await tend(0, "releases", "quartermaster", "--json")) as { releases: unknown[] };
    expect(releases[0]).toMatchObject({ release: 2, head: "0003", backups: { main: backup?.name } });
  });

  it("going back is refused while the newer schema is there; with the data it goes back, and today's stays beside it", async () => {
    const since = await clock(HOST);
    const refused = await tend(5, "rollback", "quartermaster");
    expect(refused).toMatch(/error\[rollback\.schema\]: release 1 may not be able to live with today's schema of main/);
    expect(refused).toContain("--with-data");
    expect(await changesSince(HOST, since)).toEqual([]);
    await query("select tag from posting limit 1");
    await tend(0, "rollback", "quartermaster", "--with-data", "--confirm", "quartermaster");
    await eventually(() => app.version(), "aaaaaa1");
    expect(await app.env()).toContain("QUARTERMASTER_TAG=aaaaaa1");
    expect(await query("select max(version) from schema_migrations")).toBe("0002");
    expect(await postings()).toBe(10_800);
    expect(await tend(1, "db", "query", "quartermaster", "select tag from posting")).toContain("no such column: tag");
  });

  it("a migration that fails at the start: the former release serves again, with the data as it was", async () => {
    const sum = await query("select sum(amount) from posting");
    const failed = await tend(1, "deploy", "quartermaster", "--tag", "cccccc3");
    expect(failed).toContain("migration 0004: no such table: nowhere");
    expect(failed).toMatch(/the database may be migrated[\s\S]*tend restore quartermaster quartermaster-main-/);
    await eventually(() => app.version(), "aaaaaa1");
    expect(await query("select sum(amount) from posting")).toBe(sum);
    await on(HOST, "rm /srv/sources/quartermaster/migrations/0004_broken.sql");
  });

  it("under a writer: what is backed up is of one moment; restore, its undo, and the undo of that lose nothing that was answered", async () => {
    const writer = keepPosting();
    await eventually(async () => writer.answered() > 20, true);
    const before = writer.answered();
    await tend(0, "backup", "quartermaster", "--reason", "under a writer");
    const after = writer.answered();
    const [backup] = await backups();
    const rows = Number(backup?.manifest?.rows) - (36 + 432 + 2) - 10_800;
    expect(rows).toBeGreaterThanOrEqual(before);
    expect(rows).toBeLessThanOrEqual(after + 1);
    await tend(0, "restore", "quartermaster", backup?.name ?? "", "--confirm", "quartermaster");
    await eventually(async () => (await ask(app.target("/healthz"))).status, 200);
    await writer.stop();
    const since = (await postings()) - 10_800 - rows;
    expect(since).toBeGreaterThanOrEqual(0);
    await tend(0, "restore", "quartermaster", "--undo", "--confirm", "quartermaster");
    const undone = await postings();
    // All that was answered before the stop is there, in the file or in its log; what came after it is in the other file.
    expect(undone + since).toBeGreaterThanOrEqual(10_800 + writer.answered());
    await tend(0, "restore", "quartermaster", "--undo", "--confirm", "quartermaster");
    expect(await postings()).toBe(10_800 + rows + since);
    await eventually(async () => (await ask(app.target("/healthz"))).status, 200);
  });

  it.each(["root", "ops"])("as %s: backed up, restored and drilled, and the file stays its owner's", async (user) => {
    const yaml = await readFile(join(app.workshop.folder, "tend.yaml"), "utf8");
    const stat = () => on(HOST, `stat -L -c '%u:%g %a' ${DATABASE}`);
    await on(HOST, `chown -R ops:ops ${FOLDER} && rm -rf ~ops/.docker && cp -r ~/.docker ~ops/ && chown -R ops:ops ~ops/.docker`);
    await app.workshop.sshAliases({ onyx: app.address }, user);
    await app.workshop.write("tend.yaml", yaml.replace("/srv/backups", "~/backups"));
    try {
      const before = await stat();
      const rows = await postings();
      await tend(0, "backup", "quartermaster");
      await query("select 1");
      await tend(0, "db", "query", "quartermaster", "delete from posting", "--write");
      await tend(0, "drill", "quartermaster");
      await tend(0, "restore", "quartermaster", "newest", "--confirm", "quartermaster");
      expect(await postings()).toBe(rows);
      expect(await stat()).toBe(before);
      await eventually(async () => (await ask(app.target("/healthz"))).status, 200);
      expect(await on(HOST, "ls -A /mnt/quartermaster | grep -c -e copy -e placed || true")).toBe("0\n");
    } finally {
      await app.workshop.write("tend.yaml", yaml);
      await app.workshop.sshAliases({ onyx: app.address });
    }
  });

  it("while the app is stopped, its own image reads the file", async () => {
    await on(HOST, "docker stop quartermaster");
    await tend(0, "backup", "quartermaster", "--reason", "stopped");
    expect((await backups())[0]?.manifest).toMatchObject({ reason: "stopped", rows: expect.any(Number) });
    expect(await on(HOST, "docker inspect --format '{{.State.Status}}' quartermaster")).toBe("exited\n");
    await tend(0, "start", "quartermaster");
  });

  it("db query changes nothing unless it is told to, and db shell says what it lacks", async () => {
    const refused = await tend(1, "db", "query", "quartermaster", "delete from posting");
    expect(refused).toContain("attempt to write a readonly database");
    expect(refused).toContain("with --write it may change something");
    expect(await tend(0, "db", "query", "quartermaster", "select 1 as one, 'a,b' as two", "--csv")).toBe('one,two\n1,"a,b"\n');
    expect(await tend(0, "db", "query", "quartermaster", "select 1 where false")).toBe("no rows\n");
    expect(await tend(1, "db", "shell", "quartermaster")).toContain("tend db query");
    expect(await tend(5, "db", "create", "quartermaster")).toContain("db create is for PostgreSQL; main is a SQLite file");
  });

  it("a scratch copy stands beside the live file, for whoever may write that, and goes again", async () => {
    const rows = await postings();
    const [copy = ""] = /\/mnt\/quartermaster\/\S+-copy/.exec(await tend(0, "db", "scratch", "quartermaster")) ?? [];
    expect(await on(HOST, `stat -c '%u:%g' ${copy}`)).toBe("1000:1000\n");
    const emptied = `const db = new (require("node:sqlite").DatabaseSync)(process.argv[1]); console.log(db.prepare("delete from posting").run().changes)`;
    const inside = copy.replace("/mnt/quartermaster", "/data");
    expect(await on(HOST, `docker exec quartermaster node --no-warnings -e '${emptied}' ${inside}`)).toBe(`${rows}\n`);
    expect(await postings()).toBe(rows);
    await tend(0, "db", "scratch", "quartermaster", "--remove");
    expect(await on(HOST, "ls /mnt/quartermaster | grep -c -e -copy || true")).toBe("0\n");
  });

  it("a reset begins with an empty ledger, migrated, and the old one comes back", async () => {
    const rows = await postings();
    await tend(0, "db", "reset", "quartermaster", "--confirm", "quartermaster");
    expect(await postings()).toBe(0);
    expect(await query("select max(version) from schema_migrations")).toBe("0002");
    expect(await on(HOST, `stat -L -c '%u:%g' ${DATABASE}`)).toBe("1000:1000\n");
    await tend(0, "restore", "quartermaster", "--undo", "--confirm", "quartermaster");
    expect(await postings()).toBe(rows);
  });

  /** Into the month that is open still, a posting as soon as the one before it was answered; counts those that were answered well. */
  function keepPosting() {
    let answered = 0;
    let going = true;
    const done = (async () => {
      while (going) {
        const { status } = await ask(app.target("/entries/432/postings"), { method: "POST", body: { amount: 1, note: "again" } });
        if (status === 201) answered += 1;
        else await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    return {
      answered: () => answered,
      async stop() {
        going = false;
        await done;
      },
    };
  }
});
