import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../lab/ask.ts";
import { changesSince, clock } from "../lab/engine.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { answers, running, type Skriptoteket } from "../lab/skriptoteket.ts";
import { backups, counts, databases, migration, newest, sql, tend } from "../lab/skriptoteket-data.ts";

const HOST = labHostOfThisWorker();
const PASSWORD = "correct-horse-canary";

describe("the shared database by hand", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx");
    await sql(app, "insert into tools (slug, title) select 'tool-' || n, 'Tool ' || n from generate_series(1, 20) n");
  }, 180_000);

  afterAll(() => app?.close());

  function cli(...args: readonly string[]): Promise<string> {
    return on(HOST, `docker exec skriptoteket-web node src/cli.ts ${args.join(" ")} 2>&1`);
  }

  it("is reset: backed up, new and empty, migrated; the app is well, and its own commands fill it", async () => {
    const then = await counts(app);
    const dryRun = await tend(app, 0, "db", "reset", "skriptoteket", "--dry-run");
    expect(dryRun.stdout).toMatch(/loses +4 tables, \d/);
    const since = await clock(HOST);
    await tend(app, 4, "db", "reset", "skriptoteket");
    expect(await changesSince(HOST, since)).toEqual([]);
    const reset = await tend(app, 0, "db", "reset", "skriptoteket", "--confirm", "skriptoteket");
    expect(reset.stdout).toMatch(/✔ back main up[\s\S]*✔ stop web[\s\S]*✔ migrate[\s\S]*✔ web healthy/);
    await answers(app, "1");
    expect(await counts(app)).toEqual({ schema_migrations: 3, tool_versions: 0, tools: 0, users: 0 });
    expect((await backups(app))[0]?.manifest).toMatchObject({
      reason: "pre-reset",
      rows: Object.values(then).reduce((sum, count) => sum + count),
    });
    expect(await sql(app, "select pg_get_userbyid(datdba) from pg_database where datname = 'skriptoteket'")).toBe("skriptoteket");
    await cli("bootstrap-superuser", "--email", "anna@mail.example", "--password", PASSWORD);
    await cli("seed-script-bank", "--actor-email", "anna@mail.example", "--actor-password", PASSWORD);
    expect(JSON.parse((await ask(app.target("/tools"))).body).tools).toHaveLength(3);
    await tend(app, 0, "restore", "skriptoteket", "--undo", "--confirm", "skriptoteket");
    await answers(app, "1");
    expect(await counts(app)).toEqual(then);
    await tend(app, 0, "restore", "skriptoteket", "--undo", "--confirm", "skriptoteket");
    expect(await counts(app)).toMatchObject({ users: 1, tools: 3 });
  }, 120_000);

  it("is asked, and nothing that is asked can change it; --write can", async () => {
    const asked = await tend(app, 0, "db", "query", "skriptoteket", "select email, role from users");
    expect(asked.stdout).toMatch(/email +\| +role/);
    expect(asked.stdout).toContain("anna@mail.example | superuser");
    const csv = await tend(app, 0, "db", "query", "skriptoteket", "select email, role from users", "--csv");
    expect(csv.stdout).toBe("email,role\nanna@mail.example,superuser\n");
    for (const statement of [
      "delete from users",
      "commit; delete from tool_versions",
      "begin; commit; begin; drop table tool_versions",
    ]) {
      const refused = await tend(app, 1, "db", "query", "skriptoteket", statement);
      expect(refused.stdout + refused.stderr).toContain("in a read-only transaction");
    }
    const wrong = await tend(app, 1, "db", "query", "skriptoteket", "select nothing from nowhere");
    expect(wrong.stdout + wrong.stderr).toContain('relation "nowhere" does not exist');
    expect(await counts(app)).toMatchObject({ users: 1, tool_versions: 3 });
    await tend(app, 0, "db", "query", "skriptoteket", "update users set email = 'bo@mail.example'", "--write");
    expect(await sql(app, "select email from users")).toBe("bo@mail.example");
  }, 60_000);

  it("is copied, with rows or without, for somebody to try something; the copies go when they are told to", async () => {
    const since = await clock(HOST);
    const full = await tend(app, 0, "db", "scratch", "skriptoteket");
    const url = /postgresql:\S+/.exec(full.stdout)?.[0] as string;
    expect(url).toMatch(/^postgresql:\/\/skriptoteket@shared-postgres:5432\/skriptoteket__scratch_\w+$/);
    expect(full.stdout).not.toContain("s3cret");
    expect(await counts(app, url.split("/").at(-1))).toEqual(await counts(app));
    const empty = await tend(app, 0, "db", "scratch", "skriptoteket", "--empty");
    const name = /skriptoteket__scratch_\w+/.exec(empty.stdout)?.[0];
    expect(new Set(Object.values(await counts(app, name)))).toEqual(new Set([0]));
    expect(
      await sql(app, "select count(*) from pg_class where relkind = 'i' and relnamespace = 'public'::regnamespace", name),
    ).toBe(await sql(app, "select count(*) from pg_class where relkind = 'i' and relnamespace = 'public'::regnamespace"));
    await tend(app, 0, "db", "scratch", "skriptoteket", "--remove");
    expect((await databases(app)).filter((one) => one.includes("scratch"))).toEqual([]);
    const again = await tend(app, 0, "db", "scratch", "skriptoteket", "--remove");
    expect(again.stdout).toContain("has no scratch copies");
    expect(await changesSince(HOST, since)).toEqual([]);
  }, 60_000);

  it("is compared with a backup of before a migration: the new column is named, and the exit status tells", async () => {
    await app.publish("2", migration("0004_stars", "ALTER TABLE tools ADD COLUMN stars integer NOT NULL DEFAULT 0;"));
    await tend(app, 0, "deploy", "skriptoteket");
    const before = await newest(app);
    const diff = await tend(app, 3, "db", "diff", "skriptoteket", `skriptoteket@${before}`);
    expect(diff.stdout).toMatch(/tools.*stars/);
    expect(diff.stdout).toContain("1 difference\n");
    const same = await tend(app, 0, "db", "diff", "skriptoteket", "skriptoteket/main");
    expect(same.stdout).toContain("have the same schema, object by object");
  }, 60_000);

  it("gets another one beside it, with an extension, on a server whose init scripts ran long ago", async () => {
    const declare = (change: (yaml: string) => string) =>
      app.workshop.declareSkriptoteket(app.address, "nginx", ["hemma"], change);
    await declare((yaml) =>
      yaml.replace(
        "name: skriptoteket, user: postgres, owner: skriptoteket",
        "name: skriptoteket_next, user: postgres, owner: skriptoteket, extensions: [citext]",
      ),
    );
    const create = await tend(app, 0, "db", "create", "skriptoteket");
    expect(create.stdout).toContain("skriptoteket_next is there, with citext");
    expect(await sql(app, "select extname from pg_extension where extname = 'citext'", "skriptoteket_next")).toBe("citext");
    expect(await sql(app, "select pg_get_userbyid(datdba) from pg_database where datname = 'skriptoteket_next'")).toBe(
      "skriptoteket",
    );
    await sql(app, "create table kept (id int)", "skriptoteket_next");
    await tend(app, 0, "db", "create", "skriptoteket");
    expect(await counts(app, "skriptoteket_next")).toEqual({ kept: 0 });
    await declare((yaml) => yaml.replace("owner: skriptoteket", "owner: skriptoteket, extensions: [pg_nonesuch]"));
    const missing = await tend(app, 1, "db", "create", "skriptoteket");
    expect(missing.stdout).toContain("the server's image may not bring one of the extensions");
    await declare((yaml) => yaml);
  }, 60_000);
});
