import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../lab/ask.ts";
import { freshHost, labHostOfThisWorker, on } from "../lab/lab.ts";
import { LAWS, Register } from "../lab/legal-data.ts";

const HOST = labHostOfThisWorker();

describe("legal's backend migrates when it starts", () => {
  let register: Register;

  beforeAll(async () => {
    register = await Register.open(HOST);
    // A new cluster takes its time: its own server answers on the socket meanwhile, and is shut down at the end.
    await on(HOST, "cat >~/infrastructure/data/postgres-init/00-slow.sql", "select pg_sleep(5);\n");
  }, 240_000);

  afterAll(async () => {
    await register?.app.close();
    await freshHost(HOST);
  }, 60_000);

  it("the first deploy starts the database first, waits until the new cluster is made, and backs up what is there", async () => {
    const first = await register.tend(0, "deploy", "legal");
    expect(first).toMatch(/✔ start postgres[\s\S]*✔ postgres healthy[\s\S]*✔ back main up[\s\S]*✔ start backend/);
    await register.app.startProxy();
    await eventually(() => register.app.versions(), { backend: "1", frontend: "1" });
    expect(await register.sql("select string_agg(version, ',' order by version) from schema_migrations")).toBe("0001,0002,0003");
    // What the init script had made of the database: no table yet.
    expect((await register.backups()).map(({ manifest }) => manifest?.rows)).toEqual([undefined]);
    await register.fill();
    expect(await register.sql("select count(*) from uk_lrt")).toBe(String(LAWS));
  }, 120_000);

  it("a new migration: the backup is read back whole before the new container is made", async () => {
    await register.migration("0004_notes", "CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text);");
    await register.app.publish("2", { parts: ["backend"] });
    const before = await register.rows();
    await register.tend(0, "deploy", "legal", "--tag", "2", "--only", "backend");
    const [backup] = await register.backups();
    const made = (await on(HOST, "docker inspect --format '{{.Created}}' legal_app")).trim();
    expect(Date.parse(backup?.manifest?.verified ?? "")).toBeLessThanOrEqual(Date.parse(made));
    expect(backup?.manifest).toMatchObject({ reason: "migrate", release: 1, rows: total(before) });
    expect(await register.sql("select max(version) from schema_migrations")).toBe("0004");
  }, 120_000);

  it("a release of the frontend alone takes no backup: it migrates nothing", async () => {
    const before = await register.backups();
    await register.app.publish("3", { parts: ["frontend"] });
    await register.tend(0, "deploy", "legal", "--tag", "3", "--only", "frontend");
    expect(await register.backups()).toEqual(before);
  }, 120_000);

  it("a migration that fails half-way: the old container serves again, and the command that is named brings the data back", async () => {
    const before = await register.rows();
    // What it has committed, no transaction takes back.
    await register.migration("0005_half", "UPDATE uk_lrt SET acronym = NULL; COMMIT; BEGIN; SELECT 1 / 0;");
    await register.app.publish("4", { parts: ["backend"] });
    const failed = await register.tend(1, "deploy", "legal", "--tag", "4", "--only", "backend");
    expect(failed).toContain("migration 0005: division by zero");
    expect(failed).toContain("the database may be migrated");
    await eventually(() => register.app.versions(), { backend: "2", frontend: "3" });
    expect(await register.rows()).not.toEqual(before);
    const [, restore = ""] = /tend (restore legal \S+)\)/.exec(failed) ?? [];
    await register.tend(0, ...restore.split(" "), "--confirm", "legal");
    expect(await register.rows()).toEqual(before);
    await eventually(() => register.app.versions(), { backend: "2", frontend: "3" });
  }, 120_000);

  it("development against production: the column that production lacks is named; the same schema on both sides ends with 0", async () => {
    const yaml = await readFile(join(register.app.workshop.folder, "tend.yaml"), "utf8");
    await register.app.workshop.write(
      "tend.yaml",
      `${yaml}    environments:
      dev: { databases: { main: { postgres: { name: legal_dev } } } }
`,
    );
    await on(
      HOST,
      `docker exec shared_postgres sh -c 'createdb -U postgres -O legal legal_dev && pg_dump -U postgres --schema-only -Fc legal_prod | pg_restore -U postgres -d legal_dev'`,
    );
    expect(await register.tend(0, "db", "diff", "legal.dev", "legal")).toContain("have the same schema, object by object");
    await register.sql("alter table uk_lrt add column repealed_on date; drop trigger uk_lrt_updated_at on uk_lrt", "legal_dev");
    const differs = await register.tend(3, "db", "diff", "legal.dev", "legal");
    expect(differs).toMatch(/missing in legal\s+column .*uk_lrt.repealed_on/);
    expect(differs).toMatch(/missing in legal.dev\s+trigger .*uk_lrt_updated_at/);
    expect(differs).toContain("2 differences");
  }, 60_000);
});

function total(rows: Readonly<Record<string, string>>): number {
  return Object.values(rows).reduce((sum, line) => sum + Number(line.split("|")[0]), 0);
}
