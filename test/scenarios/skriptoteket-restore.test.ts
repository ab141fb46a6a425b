import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, eventually } from "../lab/ask.ts";
import { changesSince, clock, containerIds } from "../lab/engine.ts";
import { labHostOfThisWorker, on } from "../lab/lab.ts";
import { answers, running, type Skriptoteket } from "../lab/skriptoteket.ts";
import { backups, counts, databases, KEPT_IN, migration, newest, sql, tend } from "../lab/skriptoteket-data.ts";

const HOST = labHostOfThisWorker();

describe("a restore of the shared database", () => {
  let app: Skriptoteket;

  beforeAll(async () => {
    app = await running(HOST, "nginx");
    await sql(
      app,
      `create role reader; grant select on tools to reader;
alter database skriptoteket set work_mem = '6MB';
alter database skriptoteket set search_path = "$user", public;
alter role skriptoteket in database skriptoteket set statement_timeout = '1min';
revoke connect on database skriptoteket from public;
grant connect on database skriptoteket to skriptoteket, reader;
insert into tools (slug, title) select 'tool-' || n, 'Tool ' || n from generate_series(1, 500) n;`,
    );
    await tend(app, 0, "backup", "skriptoteket");
  }, 180_000);

  afterAll(() => app?.close());

  function restore(exit: number, ...args: readonly string[]) {
    return tend(app, exit, "restore", "skriptoteket", ...args, "--confirm", "skriptoteket");
  }

  /** A visitor who adds tools one after the other; answers what came back, by its status. */
  function visitor() {
    let stopped = false;
    const statuses: number[] = [];
    const visiting = (async () => {
      for (let n = 0; !stopped; n += 1) {
        const slug = `visitor-${Date.now()}-${n}`;
        statuses.push((await ask(app.target("/tools"), { method: "POST", body: { slug, title: slug } })).status);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    return {
      async stop() {
        stopped = true;
        await visiting;
        return statuses;
      },
    };
  }

  /** What a dump doesn't carry. */
  async function setup(): Promise<string> {
    return sql(
      app,
      `select pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, datallowconn, datconnlimit from pg_database where datname = 'skriptoteket';
select coalesce(pg_get_userbyid(nullif(setrole, 0)), '-'), unnest(setconfig) from pg_db_role_setting s join pg_database d on d.oid = setdatabase where datname = 'skriptoteket' order by 1, 2;
select coalesce(pg_get_userbyid(nullif(grantee, 0)), 'public'), privilege_type from pg_database, aclexplode(datacl) where datname = 'skriptoteket' order by 1, 2;`,
      "postgres",
    );
  }

  it("takes place under a visitor who writes and a stranger's open session, and all is as it was in the backup", async () => {
    const name = await newest(app);
    const [then, settings] = [await counts(app), await setup()];
    await sql(app, "insert into tools (slug, title) values ('added-since', 'Added since')");
    const stranger = on(
      HOST,
      "docker exec shared-postgres psql -U postgres -d skriptoteket -c 'select pg_sleep(600)' 2>&1 || true",
    );
    const visiting = visitor();
    const restored = await restore(0, name);
    await answers(app, "1");
    await eventually(async () => (await ask(app.target("/tools"))).status, 200);
    const statuses = await visiting.stop();
    expect(restored.stdout).toContain("same as today's");
    // They waited or were refused while it was stopped, and were served before and after.
    expect(statuses[0]).toBe(201);
    expect(statuses.at(-1)).toBe(201);
    expect(new Set(statuses.filter((status) => status !== 201 && status < 500))).toEqual(new Set());
    expect(await stranger).toMatch(/terminating connection|closed the connection/);
    const now = await counts(app);
    expect({ ...now, tools: 0 }).toEqual({ ...then, tools: 0 });
    expect(await sql(app, "select count(*) from tools where slug not like 'visitor-%'")).toBe(String(then["tools"]));
    expect(await setup()).toBe(settings);
    expect(await sql(app, "select count(*) from tools where slug = 'added-since'")).toBe("0");
    expect((await backups(app))[0]?.manifest).toMatchObject({ reason: "pre-restore", head: "0003" });
  }, 120_000);

  it("lets the app write on where the numbers of the rows end", async () => {
    await sql(app, "delete from tools where slug like 'visitor-%'");
    expect((await ask(app.target("/tools"), { method: "POST", body: { slug: "one-more", title: "One more" } })).status).toBe(201);
    expect(await sql(app, "select count(*) from (select id from tools group by id having count(*) > 1) doubled")).toBe("0");
    expect(Number(await sql(app, "select id from tools where slug = 'one-more'"))).toBeGreaterThan(500);
  });

  it("is undone, and the undo too; of what was put aside, only the last is kept", async () => {
    const has = (slug: string) => sql(app, `select count(*) from tools where slug = '${slug}'`);
    const aside = async () => (await databases(app)).filter((name) => name !== "skriptoteket");
    const first = await aside();
    expect(first).toHaveLength(1);
    expect(first[0]).toMatch(/^skriptoteket__before_/);
    await restore(0, "--undo");
    await answers(app, "1");
    expect(await has("added-since")).toBe("1");
    expect(await aside()).toHaveLength(1);
    await restore(0, "--undo");
    expect(await has("added-since")).toBe("0");
    expect(await has("one-more")).toBe("1");
    expect(await aside()).toHaveLength(1);
    await restore(0, "newest", "--database", "main");
    const last = await aside();
    expect(last).toHaveLength(1);
    expect(last[0]).toMatch(/^skriptoteket__before_/);
    expect(last).not.toEqual(first);
  }, 120_000);

  it("brings the artifacts back, and with --undo what was there", async () => {
    const { body } = await ask(app.target("/sessions"), { method: "POST", body: { name: "list.txt", text: "Å\n" } });
    const file = `.artifacts/${(JSON.parse(body) as { file: string }).file}`;
    const name = await newest(app, "artifacts");
    await restore(0, name);
    expect(await on(HOST, `docker exec skriptoteket-web sh -c 'cat ${file} 2>/dev/null || echo gone'`)).toBe("gone\n");
    await restore(0, "--undo", "--database", "artifacts");
    expect(await on(HOST, `docker exec skriptoteket-web cat ${file}`)).toBe("Å\n");
    await eventually(
      async () => (await ask(app.target("/sessions"), { method: "POST", body: { name: "a", text: "b" } })).status,
      201,
    );
  }, 120_000);

  it("of older data has today's migrations applied to it", async () => {
    const name = await newest(app);
    await app.publish("2", migration("0004_stars", "ALTER TABLE tools ADD COLUMN stars integer NOT NULL DEFAULT 0;"));
    await tend(app, 0, "deploy", "skriptoteket");
    const restored = await restore(0, name);
    expect(restored.stdout).toContain("differs from today's; migrations are applied to it");
    expect(restored.stdout).toMatch(/tools.*stars/);
    expect(await sql(app, "select max(version) from schema_migrations")).toBe("0004");
    await answers(app, "2");
  }, 120_000);

  describe("is refused, and nothing is stopped or changed:", () => {
    const cases: readonly {
      readonly name: string;
      readonly before?: () => Promise<unknown>;
      readonly after?: () => Promise<unknown>;
      readonly said: readonly (string | RegExp)[];
    }[] = [
      {
        name: "a role of the backup isn't in the cluster",
        before: () => sql(app, "alter role reader rename to reader_of_old"),
        after: () => sql(app, "alter role reader_of_old rename to reader"),
        said: ["error[restore.roles]: the server has no role reader", "createuser --username postgres reader"],
      },
      {
        name: "an extension of the backup isn't available",
        before: () => on(HOST, `docker exec shared-postgres sh -c 'mv "$(pg_config --sharedir)"/extension/pg_trgm.control /tmp'`),
        after: () => on(HOST, `docker exec shared-postgres sh -c 'mv /tmp/pg_trgm.control "$(pg_config --sharedir)"/extension'`),
        said: [
          "error[restore.extensions]: the server in shared-postgres has no extension pg_trgm",
          "its image doesn't bring it along",
        ],
      },
      {
        name: "there is no such backup",
        said: ["error[backup.unknown]"],
      },
    ];

    it.each(cases)(
      "$name",
      async ({ name: title, before, after, said }) => {
        if (title.includes("extension")) await sql(app, "create extension if not exists pg_trgm");
        await tend(app, 0, "backup", "skriptoteket", "--only", "main");
        const [name, listed, ids] = [await newest(app), await backups(app), await containerIds(HOST)];
        await before?.();
        const [since, there] = [await clock(HOST), await databases(app)];
        const refused = await restore(5, title.includes("no such") ? "nonesuch" : name).finally(() => after?.());
        for (const text of said) expect(refused.stdout).toMatch(text instanceof RegExp ? text : new RegExp(RegExp.escape(text)));
        expect(refused.stdout).toMatch(/changed +nothing\n/);
        expect(await containerIds(HOST)).toEqual(ids);
        expect(await changesSince(HOST, since)).toEqual([]);
        expect(await databases(app)).toEqual(there);
        expect(await backups(app)).toEqual(listed);
        expect((await ask(app.target("/tools"))).status).toBe(200);
      },
      60_000,
    );
  });

  it("without the app's name is not begun", async () => {
    const since = await clock(HOST);
    await tend(app, 4, "restore", "skriptoteket", "newest", "--database", "main");
    await tend(app, 4, "restore", "skriptoteket", "newest", "--database", "main", "--confirm", "legal");
    expect(await changesSince(HOST, since)).toEqual([]);
  });

  it("that the app can't live with is taken back: the data that was live is live", async () => {
    const name = await newest(app);
    await sql(app, "insert into tools (slug, title) values ('of-today', 'Of today')");
    // Data of a release that this one can't read: its migration says so.
    await sql(app, "insert into schema_migrations (version, name) values ('0099', 'from_the_future')");
    await tend(app, 0, "backup", "skriptoteket", "--only", "main");
    const future = await newest(app);
    await sql(app, "delete from schema_migrations where version = '0099'");
    const failed = await restore(1, future);
    expect(failed.stdout).toContain("error[migrate.failed]");
    expect(failed.stdout).toContain("can't locate migration 0099");
    await answers(app, "2");
    expect(await sql(app, "select count(*) from tools where slug = 'of-today'")).toBe("1");
    expect(await sql(app, "select count(*) from schema_migrations where version = '0099'")).toBe("0");
    expect((await databases(app)).filter((one) => /__restored_/.test(one))).toEqual([]);
    await restore(0, name);
    await answers(app, "2");
    expect(await on(HOST, `ls -A ${KEPT_IN} | grep partial || true`)).toBe("");
  }, 120_000);
});
