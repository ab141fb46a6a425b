import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../lab/ask.ts";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { said } from "../lab/kept.ts";
import { freshHost, labHostOfThisWorker, on } from "../lab/lab.ts";
import { type Quartermaster, quartermaster } from "../lab/quartermaster.ts";

const HOST = labHostOfThisWorker();
const FILE = "/mnt/quartermaster/quartermaster.db";
const MAIN = "onyx/quartermaster/main";

/** One process that reads without end while it writes: the log can't be folded in. */
const NEVER_ENDS = `
const { DatabaseSync } = require("node:sqlite");
const reader = new DatabaseSync("/data/quartermaster.db"), writer = new DatabaseSync("/data/quartermaster.db");
writer.exec("create table filler (b blob)");
reader.exec("begin"); reader.prepare("select count(*) from filler").get();
for (let n = 0; n < 18; n += 1) { writer.exec("insert into filler values (randomblob(4000000))"); writer.exec("delete from filler"); }
`;
const FOLDED = `
const { DatabaseSync } = require("node:sqlite");
const db = new DatabaseSync("/data/quartermaster.db");
db.exec("drop table filler"); db.exec("pragma wal_checkpoint(truncate)"); db.exec("vacuum"); db.exec("pragma wal_checkpoint(truncate)");
`;

describe("doctor, on a SQLite file", () => {
  let app: Quartermaster;
  const inside = (program: string) => on(HOST, "docker exec -i quartermaster node --no-warnings -", program);
  const healthy = () =>
    on(HOST, "until docker inspect -f '{{.State.Health.Status}}' quartermaster | grep -qx healthy; do sleep 0.3; done");
  const stopped = (change: string) => on(HOST, `docker stop -t 5 quartermaster; ${change} && docker start quartermaster`);

  beforeAll(async () => {
    await freshHost(HOST);
    app = await quartermaster(HOST);
    await app.publish("aaaaaa1");
    await said(app.workshop, 0, "deploy", "quartermaster", "--tag", "aaaaaa1");
    await on(HOST, "docker exec quartermaster node src/seed.ts");
    await said(app.workshop, 0, "backup", "quartermaster");
    await eventually(() => app.version(), "aaaaaa1");
  }, 240_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("finds nothing above information where all is well", async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop);
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect(crashed).toEqual([]);
    expect(unknown.filter(({ id }) => /^(sqlite|backup|app)\./.test(id))).toEqual([]);
  });

  const faults: readonly Fault[] = [
    {
      name: "the file was moved away",
      finds: "sqlite.missing",
      on: MAIN,
      inject: () => on(HOST, `mv ${FILE} ${FILE}.away`),
      undo: () => on(HOST, `mv ${FILE}.away ${FILE}`).then(healthy),
    },
    {
      name: "a page of the file was overwritten",
      finds: "sqlite.integrity",
      on: MAIN,
      inject: () =>
        stopped(
          `cp -p ${FILE} ~/whole.db && head -c 4096 /dev/urandom | dd of=${FILE} bs=4096 conv=notrunc seek=$(( $(stat -c %s ${FILE}) / 4096 - 1 )) 2>/dev/null`,
        ),
      undo: () => stopped(`rm -f ${FILE}-wal ${FILE}-shm && cp -p ~/whole.db ${FILE}`).then(healthy),
    },
    {
      name: "root has put the file there: the app may not write it",
      finds: "sqlite.access",
      on: MAIN,
      inject: () => stopped(`chown root:root ${FILE} && chmod 644 ${FILE}`),
      undo: () => stopped(`chown 1000:1000 ${FILE}`).then(healthy),
    },
    {
      name: "a reader never ends: the log grows without end",
      finds: "sqlite.wal",
      on: MAIN,
      inject: () => inside(NEVER_ENDS),
      undo: () => inside(FOLDED),
    },
  ];

  it.each(faults)("$name", (fault) => walksInto(app.workshop, fault), 180_000);
});
