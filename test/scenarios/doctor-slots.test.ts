import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../lab/ask.ts";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { psql, said } from "../lab/kept.ts";
import { freshHost, labHostOfThisWorker, on } from "../lab/lab.ts";
import { COMPOSE, FOLDER, legal } from "../lab/legal.ts";

const HOST = labHostOfThisWorker();
const OWN = "electric_slot_legal|t";

describe("doctor, on replication slots", () => {
  let app: Awaited<ReturnType<typeof legal>>;
  const sql = (statements: string) => psql(HOST, "shared_postgres", "legal_prod", statements);
  const slots = async () => (await sql("select slot_name, active from pg_replication_slots order by 1")).split("\n");

  const healthy = () =>
    on(HOST, "until docker inspect -f '{{.State.Health.Status}}' legal_electric | grep -qx healthy; do sleep 0.5; done");

  beforeAll(async () => {
    await freshHost(HOST);
    app = await legal(HOST);
    await said(app.workshop, 0, "deploy", "legal");
    await app.startProxy();
    await said(app.workshop, 0, "backup", "legal");
    await eventually(slots, [OWN]);
  }, 240_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("finds nothing above information where one reads its own", async () => {
    const { findings, crashed } = await doctor(app.workshop);
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect(crashed).toEqual([]);
  });

  const faults: readonly Fault[] = [
    {
      name: "two of ElectricSQL want the same slot",
      finds: "slot.conflict",
      on: "hz/legal/electric",
      async inject() {
        // A second instance, by somebody who copied the service, comes first.
        await on(
          HOST,
          `cd ${FOLDER} && . docker/.env && ${COMPOSE} stop -t 3 legal-electric 2>&1
docker run -d --name copied --network infra_network -e ELECTRIC_INSECURE=true -e ELECTRIC_REPLICATION_STREAM_ID=legal \
  -e DATABASE_URL="postgresql://legal:$LEGAL_DB_PASSWORD@postgres:5432/legal_prod" electricsql/electric:1.4`,
        );
        await eventually(slots, [OWN]);
        await on(HOST, `cd ${FOLDER} && ${COMPOSE} up -d legal-electric 2>&1`);
      },
      async undo() {
        await on(HOST, "docker rm -f copied");
        await eventually(
          () => on(HOST, "docker exec legal_electric curl -s http://localhost:3000/v1/health"),
          '{"status":"active"}',
        );
        await on(
          HOST,
          "until docker inspect -f '{{.State.Health.Status}}' legal_electric | grep -qx healthy; do sleep 0.5; done",
        );
      },
    },
    {
      name: "a slot was left behind: nobody reads it",
      finds: "slot.inactive",
      on: "hz/legal/left_behind",
      inject: () => sql("select pg_create_logical_replication_slot('left_behind', 'pgoutput')"),
      undo: () => sql("select pg_drop_replication_slot('left_behind')"),
      within: 60,
    },
    {
      name: "a slot has lost what it was to hand on",
      finds: "slot.wal",
      on: "hz/legal/electric_slot_legal",
      async inject() {
        await sql("alter system set max_slot_wal_keep_size = '16MB'");
        await sql("select pg_reload_conf()");
        for (const n of [1, 2, 3, 4]) {
          await sql(`create table filler${n} (n int)`);
          await sql(`drop table filler${n}`);
          await sql("select pg_switch_wal()");
        }
        await sql("checkpoint");
      },
      async undo() {
        await sql("alter system reset max_slot_wal_keep_size");
        await sql("select pg_reload_conf()");
        await on(HOST, `cd ${FOLDER} && ${COMPOSE} stop -t 3 legal-electric 2>&1`);
        await sql("select pg_drop_replication_slot('electric_slot_legal')");
        await on(HOST, `cd ${FOLDER} && ${COMPOSE} up -d legal-electric 2>&1`);
        await eventually(slots, [OWN]);
        await healthy();
      },
    },
  ];

  it.each(faults)("$name", (fault) => walksInto(app.workshop, fault), 180_000);
});
