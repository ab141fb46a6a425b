import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../lab/ask.ts";
import { freshHost, lab, labHostOfThisWorker, on } from "../lab/lab.ts";
import { Register } from "../lab/legal-data.ts";

const HOST = labHostOfThisWorker();
const ELECTRIC = "electric_slot_legal|legal_prod|t";

describe("Electric holds a replication slot of the register's database", () => {
  let register: Register;
  let backup: string;
  let full: Readonly<Record<string, string>>;
  let stranger: ReturnType<typeof reading> | undefined;
  const count = () => register.sql("select count(*) from uk_lrt");

  beforeAll(async () => {
    register = await Register.filled(HOST);
    await eventually(() => register.slots(), [ELECTRIC]);
    backup = await register.backup("before");
    full = await register.rows();
    await register.sql(
      "delete from amendments; delete from uk_lrt where year > 2000 and not exists (select from uk_lrt b where b.revoked_by = uk_lrt.id)",
    );
  }, 240_000);

  afterAll(async () => {
    await stranger?.stop();
    await register?.app.close();
    await freshHost(HOST);
  }, 60_000);

  it("a restore takes the slot along: it is made anew in the restored database, and nothing of the old one holds the log back", async () => {
    const before = await register.sql("select pg_current_wal_lsn()");
    const restored = await register.tend(0, "restore", "legal", backup, "--confirm", "legal");
    expect(restored).toMatch(
      /drop the slot electric_slot_legal[\s\S]*exchange the two databases[\s\S]*make the slot electric_slot_legal anew/,
    );
    expect(await register.rows()).toEqual(full);
    await eventually(() => register.slots(), [ELECTRIC]);
    // Whatever the log had before the restore may go.
    expect(await register.sql(`select bool_and(restart_lsn >= '${before}') from pg_replication_slots`)).toBe("t");
    expect(await register.sql("select count(*) from pg_publication where pubname = 'electric_publication_legal'")).toBe("1");
    expect(await register.databases()).toEqual(["legal_prod", expect.stringMatching(/^legal_prod__before_/)]);
  });

  it("and its undo takes it back again", async () => {
    const before = await count();
    await register.tend(0, "restore", "legal", "--undo", "--confirm", "legal");
    expect(Number(await count())).toBeLessThan(Number(before));
    await eventually(() => register.slots(), [ELECTRIC]);
  });

  it("a stranger that reads a slot of its own, and comes back whenever it is ended: it is ended, and its slot is in the restored database", async () => {
    stranger = reading("analytics");
    await eventually(() => register.slots(), ["analytics|legal_prod|t", ELECTRIC]);
    const restored = await register.tend(0, "restore", "legal", backup, "--confirm", "legal");
    expect(restored).toContain("drop the slot analytics, electric_slot_legal");
    expect(await register.rows()).toEqual(full);
    await eventually(() => register.slots(), ["analytics|legal_prod|t", ELECTRIC]);
    await stranger.stop();
    stranger = undefined;
  });

  it("the app doesn't start on what was restored: everything is as it was, slots among it", async () => {
    await eventually(() => register.slots(), ["analytics|legal_prod|f", ELECTRIC]);
    // With it the backend would migrate once more, and fail.
    await register.sql("delete from schema_migrations where version = '0003'");
    const unfit = await register.backup("unfit");
    await register.sql("insert into schema_migrations (version) values ('0003'); delete from amendments");
    await register.sql("alter database legal_prod set work_mem = '5MB'");
    const before = await register.rows();
    const failed = await register.tend(1, "restore", "legal", unfit, "--confirm", "legal");
    expect(failed).toContain('migration 0003: relation "families" already exists');
    expect(failed).toMatch(/changed +nothing lasting: what was serving before is serving again\n/);
    expect(await register.rows()).toEqual(before);
    expect(await register.databases()).not.toContainEqual(expect.stringMatching(/__restored_/));
    await eventually(() => register.slots(), ["analytics|legal_prod|f", ELECTRIC]);
    expect(await register.sql("show work_mem")).toBe("5MB");
    await eventually(() => register.app.versions(), { backend: "1", frontend: "1" });
  });

  /** Somebody with a slot of their own, who reads it for as long as they aren't stopped, and begins again when they are ended. */
  function reading(slot: string): { stop(): Promise<void> } {
    const flag = `/tmp/reading-${slot}`;
    const receive = `pg_recvlogical -U postgres -d legal_prod --slot ${slot}`;
    const script = `docker exec shared_postgres sh -c 'touch ${flag}; ${receive} --create-slot -P test_decoding
while [ -e ${flag} ]; do ${receive} --start --no-loop -f /dev/null; sleep 0.05; done' 2>&1`;
    const child = spawn("ssh", ["-F", lab().sshConfig, HOST, script], { stdio: "ignore" });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    return {
      async stop() {
        await on(HOST, `docker exec shared_postgres sh -c 'rm ${flag}'`);
        await register.sql(`select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${slot}'`);
        await ended;
      },
    };
  }
});
