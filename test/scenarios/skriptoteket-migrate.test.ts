import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clients } from "../lab/clients.ts";
import { containerIds } from "../lab/engine.ts";
import { jsonLines } from "../lab/json.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";
import { backups, counts, databases, migration, newest, sql, tend } from "../lab/skriptoteket-data.ts";

const HOST = labHostOfThisWorker();

interface Release {
  readonly release: number;
  readonly head?: string;
  readonly backups?: Readonly<Record<string, string>>;
}

describe("a release with a migration", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx");
    await sql(app, "insert into tools (slug, title) values ('word-count', 'Word count')");
  }, 180_000);

  afterAll(() => app?.close());

  async function releases(): Promise<readonly Release[]> {
    const { stdout } = await tend(app, 0, "releases", "skriptoteket", "--json");
    return (JSON.parse(stdout) as { releases: readonly Release[] }).releases;
  }

  async function head(): Promise<string> {
    return sql(app, "select max(version) from schema_migrations");
  }

  it("is backed up, then migrated, then switched to; users notice nothing, and the record says what the data was", async () => {
    await app.publish("2", migration("0004_stars", "ALTER TABLE tools ADD COLUMN stars integer NOT NULL DEFAULT 0;"));
    const load = clients(20, app.target("/tools"));
    const deploy = await tend(app, 0, "deploy", "skriptoteket", "--json");
    expect((await load.stop()).failed).toBe(0);
    const ended = jsonLines(deploy.stdout).flatMap((line) => (line.type === "step.end" ? [line["step"] as string] : []));
    const order = ["build", "backup-main", "backed-up", "migrate", "surge-web", "replace-web", "record"];
    expect(ended.filter((step) => order.includes(step))).toEqual(order);
    expect(await app.version()).toBe("2");
    expect(await head()).toBe("0004");
    const [after, before] = await releases();
    expect(before).toMatchObject({ release: 1, head: "0003", backups: {} });
    expect(after).toMatchObject({ release: 2, head: "0004", backups: { main: await newest(app) } });
    expect((await backups(app))[0]?.manifest).toMatchObject({ head: "0003", release: 1, reason: "migrate" });
  }, 120_000);

  it("takes no backup when nothing is pending, and then a rollback leaves the data alone", async () => {
    const before = await backups(app);
    await app.publish("3");
    const deploy = await tend(app, 0, "deploy", "skriptoteket");
    expect(deploy.stdout).toContain("– no migration is pending");
    expect(await backups(app)).toEqual(before);
    const rollback = await tend(app, 0, "rollback", "skriptoteket");
    expect(rollback.stdout).toContain("✔ main has the schema of release 2");
    expect(await app.version()).toBe("2");
    expect(await backups(app)).toEqual(before);
  }, 120_000);

  describe("whose backup fails is not migrated, and not switched to:", () => {
    it.each([
      {
        name: "the disk of the backups is full",
        breakIt: () => on(HOST, "mount -t tmpfs -o size=16k tmpfs ~/backups"),
        mend: () => on(HOST, "umount ~/backups"),
        said: "error[disk.full]",
      },
      {
        name: "the database's server is stopped",
        breakIt: () => on(HOST, "docker stop -t 2 shared-postgres"),
        mend: () => on(HOST, "cd ~/infrastructure && docker compose -f compose.postgres.yaml up -d --wait 2>&1"),
        said: "is not running",
      },
      {
        name: "the declared role doesn't exist",
        breakIt: () => declare((yaml) => yaml.replace("user: postgres", "user: postgrez")),
        mend: () => declare((yaml) => yaml),
        said: 'role "postgrez" does not exist',
      },
    ])(
      "$name",
      async ({ breakIt, mend, said }) => {
        await app.publish("4", migration("0005_colour", "ALTER TABLE tools ADD COLUMN colour text;"));
        const [before, containers, listed] = [await head(), await containerIds(HOST), await backups(app)];
        await breakIt();
        const deploy = await app.workshop.tend("deploy", "skriptoteket").finally(mend);
        expect(deploy.exit, deploy.stdout).toBe(1);
        expect(deploy.stdout).toContain("main of skriptoteket could not be backed up: there is no new backup");
        expect(deploy.stdout).toContain(said);
        expect(deploy.stdout).toMatch(/changed +nothing that users see; what was serving still is\n/);
        expect(deploy.stdout).not.toMatch(/[✔✖] migrate|surge/);
        expect(await head()).toBe(before);
        expect(await containerIds(HOST)).toEqual(containers);
        expect(await backups(app)).toEqual(listed);
        expect(await on(HOST, "cat ~/apps/skriptoteket/VERSION")).toBe("2\n");
      },
      120_000,
    );

    const declare = (change: (yaml: string) => string) =>
      app.workshop.declareSkriptoteket(app.address, "nginx", ["hemma"], change);
  });

  it("that fails half-way leaves the old release serving, and the one command that it names brings the data back", async () => {
    const [rows, containers] = [await counts(app), await containerIds(HOST)];
    await app.publish("5", async (folder) => {
      await rm(join(folder, "migrations", "0005_colour.sql"));
      // As a tool that migrates without a transaction: what came before the mistake stays.
      await migration(
        "0005_shelves",
        "CREATE TABLE shelves (id bigint); CREATE TABLE boxes (id bigint); DELETE FROM tools; COMMIT; BEGIN; ALTER TABLE boxs ADD COLUMN label text;",
      )(folder);
    });
    const deploy = await tend(app, 1, "deploy", "skriptoteket");
    expect(deploy.stdout).toContain("error[migrate.failed]: a migration of skriptoteket failed");
    expect(deploy.stdout).toContain('migration 0005: relation "boxs" does not exist');
    expect(deploy.stdout).toContain("the release that was serving serves on, with the database as the migration left it");
    expect(deploy.stdout).not.toContain("surge");
    expect(await app.version()).toBe("2");
    expect(await containerIds(HOST)).toEqual(containers);
    expect(await counts(app)).toMatchObject({ shelves: 0, boxes: 0, tools: 0 });
    const help = /help +tend (.*)/.exec(deploy.stdout)?.[1] as string;
    await tend(app, 0, ...help.split(" "), "--confirm", "skriptoteket");
    expect(await counts(app)).toEqual(rows);
    expect(await app.version()).toBe("2");
  }, 120_000);

  it("is switched to without its migration where --no-migrate says so", async () => {
    await app.publish("6", async (folder) => {
      await rm(join(folder, "migrations", "0005_shelves.sql"));
      await migration("0005_colour", "ALTER TABLE tools ADD COLUMN colour text;")(folder);
    });
    const before = await backups(app);
    const deploy = await tend(app, 0, "deploy", "skriptoteket", "--no-migrate");
    expect(deploy.stdout).toContain("migrations are left out: --no-migrate");
    expect(await head()).toBe("0004");
    expect(await app.version()).toBe("6");
    expect(await backups(app)).toEqual(before);
    const migrate = await tend(app, 0, "migrate", "skriptoteket");
    expect(migrate.stdout).toMatch(/✔ back main up[\s\S]*✔ migrate/);
    expect(await head()).toBe("0005");
  }, 120_000);

  it("isn't rolled back over, unless the data stays because somebody says so", async () => {
    const containers = await containerIds(HOST);
    const refused = await tend(app, 5, "rollback", "skriptoteket", "--to", "1");
    expect(refused.stdout).toContain("error[rollback.schema]: release 1 may not be able to live with today's schema of main");
    expect(refused.stdout).toMatch(/why +migrations were applied since/);
    expect(refused.stdout).toMatch(/changed +nothing\n/);
    expect(await containerIds(HOST)).toEqual(containers);
    await tend(app, 0, "rollback", "skriptoteket", "--to", "1", "--keep-data");
    expect(await app.version()).toBe("1");
    expect(await head()).toBe("0005");
    // Of the old code, but not of the old data.
    await tend(app, 0, "backup", "skriptoteket", "--only", "main", "--reason", "old code new data");
    await tend(app, 0, "deploy", "skriptoteket");
    expect(await app.version()).toBe("6");
  }, 120_000);

  it("goes back with its data, and forward again with all that was written meanwhile", async () => {
    await sql(app, "insert into tools (slug, title) values ('added-since', 'Added since')");
    const today = await counts(app);
    const unsaid = await tend(app, 4, "rollback", "skriptoteket", "--to", "1", "--with-data");
    expect(unsaid.stdout + unsaid.stderr).toContain("--confirm skriptoteket");
    const back = await tend(app, 0, "rollback", "skriptoteket", "--to", "1", "--with-data", "--confirm", "skriptoteket");
    expect(await app.version()).toBe("1");
    expect(await head()).toBe("0003");
    expect(await sql(app, "select slug from tools")).toBe("word-count");
    expect((await databases(app)).filter((name) => name.includes("__before_"))).toHaveLength(1);
    const forward = /undo: tend (.*)/.exec(back.stdout)?.[1] as string;
    expect(forward).toMatch(/^rollback skriptoteket --to \d+ --with-data$/);
    await tend(app, 0, ...forward.split(" "), "--confirm", "skriptoteket");
    expect(await app.version()).toBe("6");
    expect(await head()).toBe("0005");
    expect(await counts(app)).toEqual(today);
    const kept = (await databases(app)).filter((name) => name.includes("__before_"));
    expect(kept).toHaveLength(1);
  }, 120_000);
});
