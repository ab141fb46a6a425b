import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, eventually } from "../lab/ask.ts";
import { changesSince, clock, containerIds } from "../lab/engine.ts";
import { freshHost, labHostOfThisWorker } from "../lab/lab.ts";
import { LAWS, Register } from "../lab/legal-data.ts";

const HOST = labHostOfThisWorker();

describe("the rows of the register alone are brought into a database that its migrations have made", () => {
  let register: Register;
  let backup: string;
  let full: Readonly<Record<string, string>>;
  let updated: string;
  const UPDATED = "select md5(string_agg(updated_at::text, ',' order by id)) from uk_lrt";
  const rowsAlone = (exit: number) => register.tend(exit, "restore", "legal", backup, "--data-only", "--confirm", "legal");

  beforeAll(async () => {
    register = await Register.filled(HOST);
    backup = await register.backup("the whole register");
    full = await register.rows();
    updated = await register.sql(UPDATED);
    await register.tend(0, "db", "reset", "legal", "--confirm", "legal");
  }, 240_000);

  afterAll(async () => {
    await register?.app.close();
    await freshHost(HOST);
  }, 60_000);

  async function refusedWith(said: RegExp): Promise<void> {
    const since = await clock(HOST);
    const before = await register.rows();
    const refused = await rowsAlone(5);
    expect(refused).toMatch(said);
    expect(refused).toMatch(/changed +nothing\n/);
    expect(await changesSince(HOST, since)).toEqual([]);
    expect(await register.rows()).toEqual(before);
  }

  it("a table that has other rows is named, and nothing is stopped", async () => {
    // The migrations themselves bring five laws along, under ids of their own.
    expect(await register.sql("select count(*) from uk_lrt")).toBe("5");
    await refusedWith(
      /error\[restore\.not-empty\]: the table public\.uk_lrt has rows already[\s\S]*5 rows; the backup has 19318/,
    );
    await register.tend(0, "db", "query", "legal", "truncate uk_lrt, amendments restart identity", "--write");
  });

  it.each([
    [
      "a column that only the database has",
      "alter table uk_lrt add column repealed_on date",
      "alter table uk_lrt drop column repealed_on",
      /missing in the backup\s+column \S*uk_lrt\.repealed_on/,
    ],
    [
      "a column that only the backup has",
      "alter table amendments drop column effect",
      "alter table amendments add column effect text not null",
      /missing in the database\s+column \S*amendments\.effect/,
    ],
    [
      "a column of another type",
      "alter table families alter column position type integer",
      "alter table families alter column position type smallint",
      /column \S*families\."position": type smallint → integer/,
    ],
    [
      "a trigger that the database lacks",
      "drop trigger uk_lrt_updated_at on uk_lrt",
      "create trigger uk_lrt_updated_at before update on uk_lrt for each row execute function keep_updated_at()",
      /missing in the database\s+trigger \S*uk_lrt_updated_at/,
    ],
  ])("%s is named, and nothing is stopped", async (_, drift, mend, said) => {
    await register.sql(drift);
    await refusedWith(said);
    await register.sql(mend);
  });

  it("then every row comes in as it was, and what is there already is left alone", async () => {
    const before = await containerIds(HOST);
    const books = "select md5(string_agg(t::text, ',' order by version)) from schema_migrations t";
    const applied = await register.sql(books);
    const restored = await rowsAlone(0);
    expect(restored).toMatch(/leaves +public\.families: the very same rows are there/);
    expect(restored).toMatch(/leaves +public\.schema_migrations: the same migrations were applied here/);
    const { schema_migrations, ...others } = await register.rows();
    expect(others).toEqual(Object.fromEntries(Object.entries(full).filter(([table]) => table !== "schema_migrations")));
    expect(await register.sql(books)).toBe(applied);
    expect(await register.sql("select count(*) from uk_lrt")).toBe(String(LAWS));
    // The trigger was at rest, and is on again.
    expect(await register.sql(UPDATED)).toBe(updated);
    expect(await register.sql("select string_agg(distinct tgenabled::text, ',') from pg_trigger")).toBe("O");
    const after = await containerIds(HOST);
    expect(after["legal_electric"]).not.toBe(before["legal_electric"]);
    for (const name of ["shared_postgres", "infra_nginx", "auth_app"]) expect(after[name]).toBe(before[name]);
  });

  it("foreign keys lead somewhere, and sequences are past their columns", async () => {
    expect(
      await register.sql(`select count(*) from amendments a
left join uk_lrt law on law.id = a.law_id left join uk_lrt other on other.id = a.amended_by where law.id is null or other.id is null`),
    ).toBe("0");
    expect(
      await register.sql(
        "select count(*) from uk_lrt a where revoked_by is not null and not exists (select from uk_lrt b where b.id = a.revoked_by)",
      ),
    ).toBe("0");
    expect(
      await register.sql(`begin;
insert into amendments (law_id, amended_by, effect, made_on) select id, id, 'inserted', '2026-01-01' from uk_lrt limit 1 returning id > (select max(id) from amendments);
insert into uk_lrt (name, title, type_code, year, number) values ('uksi-2026-1', 'A law', 'uksi', 2026, 1) returning serial > (select max(serial) from uk_lrt);
insert into families (code, name, position) values ('new', 'New', 99) returning id > (select max(id) from families);
rollback;`),
    ).toBe("t\nt\nt");
  });

  it("Electric streams again, and the app serves all of it", async () => {
    await eventually(() => register.slots(), ["electric_slot_legal|legal_prod|t"]);
    const { address } = register.app;
    await eventually(
      async () => JSON.parse((await ask({ address, domain: "legal.example", path: "/api/laws" })).body).count as number,
      LAWS,
    );
  });

  it("and once more: the very same rows are there, so there is nothing to do", async () => {
    const since = await clock(HOST);
    expect(await rowsAlone(0)).toContain("legal_prod has the very same rows");
    expect(await changesSince(HOST, since)).toEqual([]);
  });
});
