import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../lab/ask.ts";
import { doctor, type Fault, walksInto } from "../lab/doctor.ts";
import { freshHost, labHostOfThisWorker, on } from "../lab/lab.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";
import { sql, tend } from "../lab/skriptoteket-data.ts";

const HOST = labHostOfThisWorker();
const MAIN = "hemma/skriptoteket/main";
const APP = "hemma/skriptoteket";
const WEB = "hemma/skriptoteket/web";
const SERVER = "hemma/shared-postgres";
const KEPT = "~/backups/skriptoteket";

describe("doctor, on what an app keeps", () => {
  let app: Skriptoteket;
  let declared: string;

  const declare = (yaml: string) => app.workshop.write("tend.yaml", yaml);
  const server = (statements: string) => sql(app, statements, "postgres");
  /** Whoever is in is sent out, so that the app has to come in again. */
  const sendOut = () =>
    server("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'skriptoteket' and pid <> pg_backend_pid()");
  const visit = () => ask(app.target("/tools"));
  const backUp = () => tend(app, 0, "backup", "skriptoteket");
  const ready = () =>
    on(HOST, "until docker exec shared-postgres pg_isready -qU postgres -h 127.0.0.1; do sleep 0.2; done; sleep 0.3");
  const compose = (edit: string) =>
    on(
      HOST,
      `cd ~/apps/skriptoteket && git checkout -q compose.prod.yaml && ${edit} && docker compose -f compose.prod.yaml up -d 2>&1`,
    );
  const infrastructure = (edit: string) =>
    on(HOST, `cd ~/infrastructure && ${edit} compose.postgres.yaml && docker compose -f compose.postgres.yaml up -d 2>&1`);
  const healthy = () =>
    on(HOST, "until docker inspect -f '{{.State.Health.Status}}' skriptoteket-web | grep -qx healthy; do sleep 0.2; done");
  /** The command of the web service, in the compose file. */
  const starting = (command: string) => `sed -i 's|^    build: \\.$|    build: .\\n    command: ${command}|' compose.prod.yaml`;

  const JOURNAL = "~/.local/state/tend/apps/skriptoteket/journal.jsonl";
  /** The app has been here for so many days, as its journal has it. */
  const since = (days: number) =>
    on(
      HOST,
      `cp -p ${JOURNAL} ~/journal && sed -i '/"type":"release"/s/"at":"[^"]*"/"at":"'"$(date -u -d '${days} days ago' +%FT%T.000Z)"'"/' ${JOURNAL}`,
    );
  const sinceToday = () => on(HOST, `mv ~/journal ${JOURNAL}`);

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    await tend(app, 0, "deploy", "skriptoteket");
    await backUp();
    declared = await readFile(join(app.workshop.folder, "tend.yaml"), "utf8");
  }, 180_000);

  afterAll(async () => {
    await app?.close();
    await freshHost(HOST);
  }, 60_000);

  it("finds nothing above information where all is well", async () => {
    const { findings, crashed, unknown } = await doctor(app.workshop);
    expect(findings.filter((one) => one.severity !== "info")).toEqual([]);
    expect(crashed).toEqual([]);
    expect(unknown.filter(({ id }) => /^(db|slot|sqlite|backup|app)\./.test(id))).toEqual([]);
  });

  it("starts a stopped server again with --fix, and sees that it is there", async () => {
    await on(HOST, "docker stop -t 5 shared-postgres");
    const { stdout, stderr } = await app.workshop.tend("doctor", "--fix", "--only", "db");
    expect(stdout, stderr).toContain("✔ db.down is gone: hemma/shared-postgres");
    await ready();
    await visit();
    await healthy();
  });

  const faults: readonly Fault[] = [
    {
      name: "the shared database server was stopped",
      finds: "db.down",
      on: SERVER,
      inject: () => on(HOST, "docker stop -t 5 shared-postgres"),
      undo: () => on(HOST, "docker start shared-postgres").then(ready),
    },
    {
      name: "the tag of the database image was moved to another major version",
      finds: "db.major.mismatch",
      on: SERVER,
      inject: () => infrastructure("sed -i.own 's|image: postgres:.*|image: postgres:15|'"),
      undo: () => infrastructure("mv compose.postgres.yaml.own compose.postgres.yaml; true").then(ready),
      within: 40,
    },
    {
      name: "the database isn't there: the init script ran before it was added",
      finds: "db.missing",
      on: MAIN,
      inject: () =>
        server("alter database skriptoteket allow_connections false")
          .then(sendOut)
          .then(() => server("alter database skriptoteket rename to elsewhere")),
      undo: () => server("alter database elsewhere rename to skriptoteket; alter database skriptoteket allow_connections true"),
    },
    {
      name: "an exchange of databases was cut off: nobody is let in",
      finds: "db.shut",
      on: MAIN,
      inject: () => server("alter database skriptoteket allow_connections false"),
      undo: () => server("alter database skriptoteket allow_connections true"),
    },
    {
      name: "the app's password isn't the role's any more",
      finds: "db.auth",
      on: MAIN,
      inject: () => server("alter role skriptoteket password 'another'").then(sendOut).then(visit),
      undo: () => server("alter role skriptoteket password 's3cret-canary-pw'").then(visit),
    },
    {
      name: "an extension that is declared was never made",
      finds: "db.extension.missing",
      on: MAIN,
      inject: () => declare(declared.replace("owner: skriptoteket }", "owner: skriptoteket, extensions: [citext] }")),
      undo: () => tend(app, 0, "db", "create", "skriptoteket"),
    },
    {
      name: "the image has another C library than the indexes were made with",
      finds: "db.collation",
      on: MAIN,
      inject: () => server("update pg_database set datcollversion = '2.28' where datname = 'skriptoteket'"),
      undo: () => server("update pg_database set datcollversion = null where datname = 'skriptoteket'"),
    },
    {
      name: "a pool has used up the connections",
      finds: "db.connections",
      on: SERVER,
      inject: () =>
        on(
          HOST,
          `docker exec -d shared-postgres sh -c 'for n in $(seq 84); do psql -U postgres -d postgres -qc "select pg_sleep(300)" & done; wait'`,
        ),
      undo: () =>
        server(
          "select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep%' and pid <> pg_backend_pid()",
        ),
    },
    {
      name: "the log can't be archived",
      finds: "db.archive.failing",
      on: SERVER,
      inject: async () => {
        await server("alter system set archive_mode = on");
        await server("alter system set archive_command = 'false'");
        await on(HOST, "docker restart -t 5 shared-postgres").then(ready);
        await server("create table if not exists once (n int); select pg_switch_wal()");
      },
      undo: async () => {
        await server("alter system reset archive_mode");
        await server("alter system reset archive_command");
        await on(HOST, "docker restart -t 5 shared-postgres").then(ready);
        await visit();
      },
    },
    {
      name: "a dump as text was piped into psql, and a table has other columns",
      finds: "db.load.failed",
      on: SERVER,
      inject: () =>
        on(
          HOST,
          "echo 'COPY public.tools (colour) FROM stdin;' | docker exec -i shared-postgres psql -U postgres -d skriptoteket 2>&1 || true",
        ),
      // What a server has logged before its last start counts no more.
      undo: () => on(HOST, "docker restart -t 5 shared-postgres").then(ready).then(visit),
    },
    {
      name: "a database port is published to the world",
      finds: "db.port.public",
      on: "hemma/forgotten",
      inject: () => on(HOST, "docker run -d --name forgotten -p 16379:6379 busybox sleep 600"),
      undo: () => on(HOST, "docker rm -f forgotten"),
    },
    {
      name: "a migration wasn't run",
      finds: "app.migrations",
      on: APP,
      inject: () => sql(app, "delete from schema_migrations where version = '0003'"),
      undo: () => sql(app, "insert into schema_migrations (version, name) values ('0003', 'users_and_scripts')"),
    },
    {
      name: "500 on every page: a table is missing",
      finds: "app.tables.missing",
      on: WEB,
      inject: () => sql(app, "alter table tools rename to tools_away").then(visit),
      undo: () => sql(app, "alter table tools_away rename to tools"),
    },
    {
      name: "the database is at a migration that the code doesn't have",
      finds: "app.revision.unknown",
      on: APP,
      inject: () => sql(app, "insert into schema_migrations (version, name) values ('0099', 'from_a_branch')"),
      undo: () => sql(app, "delete from schema_migrations where version = '0099'"),
    },
    {
      name: "the app's runtime says that it uses what will be gone",
      finds: "app.deprecated",
      on: WEB,
      severity: "info",
      hardening: true,
      // The lab's nginx-proxy has its own default, as most have.
      besides: ["proxy.trust-forwarded"],
      inject: () =>
        on(
          HOST,
          `echo "(node:1) [DEP0040] DeprecationWarning: The punycode module is deprecated." >/proc/$(docker inspect -f '{{.State.Pid}}' skriptoteket-web)/fd/1`,
        ),
      undo: () => on(HOST, "docker restart skriptoteket-web").then(healthy),
    },
    {
      name: "the app starts without a variable that it needs",
      finds: "app.env.missing",
      on: WEB,
      inject: () => compose("sed -i 's|DATABASE_URL: .*|DATABASE_URL: \"\"|' compose.prod.yaml"),
      undo: () => compose("true").then(healthy),
    },
    {
      name: "no module of that name: the search path isn't set",
      finds: "app.module.missing",
      on: WEB,
      inject: () => compose(starting("node gone.ts")),
      undo: () => compose("true").then(healthy),
    },
    {
      name: "a library of the builder isn't in the runner",
      finds: "app.library.mismatch",
      on: WEB,
      inject: () =>
        compose(
          `${starting('[sh, -c, "rm -f /usr/lib/*-linux-gnu/libstdc++.so.6; exec node src/main.ts"]')} && sed -i 's|^    build: \\.$|    build: .\\n    user: root|' compose.prod.yaml`,
        ),
      undo: () => compose("true").then(healthy),
    },
    {
      name: "the backup drive isn't mounted",
      finds: "backup.destination",
      on: `${APP}/~/backups`,
      inject: () => on(HOST, "mv ~/backups ~/backups.away"),
      undo: () => on(HOST, "mv ~/backups.away ~/backups"),
    },
    {
      name: "the backup drive was remounted read-only",
      finds: "backup.destination",
      on: `${APP}/~/backups`,
      inject: () => on(HOST, "mount --bind ~/backups ~/backups && mount -o remount,ro,bind ~/backups"),
      undo: () => on(HOST, "umount ~/backups"),
    },
    {
      name: "the newest backup was cut off where it is kept",
      finds: "backup.broken",
      on: MAIN,
      inject: () => on(HOST, `cd ${KEPT}/*-main-* && cp data.dump ~/whole.dump && truncate -s 100 data.dump`),
      undo: () => on(HOST, `cd ${KEPT}/*-main-* && cp ~/whole.dump data.dump`),
    },
    {
      name: "nobody has taken a backup for too long",
      finds: "backup.stale",
      on: APP,
      inject: () => declare(declared.replace("backups: { to:", "backups: { stale: 1s, to:")),
      undo: () => declare(declared),
    },
    {
      name: "files that were declared later were never backed up",
      finds: "backup.missing",
      on: `${APP}/reports`,
      inject: async () => {
        await on(HOST, "mkdir -p ~/apps/reports");
        await declare(declared.replace("    files:\n", "    files:\n      reports: { path: ~/apps/reports }\n"));
        await since(2);
      },
      undo: async () => {
        await backUp();
        // What its journal got since then is left out: the backup is told by where it lies.
        await sinceToday();
      },
    },
    {
      name: "after a week all backups are still on the host itself",
      finds: "backup.offsite",
      on: APP,
      inject: () => declare(declared).then(() => since(8)),
      undo: () => sinceToday(),
    },
    {
      name: "after a month no backup was ever restored to try it",
      finds: "backup.restore.unproven",
      on: APP,
      // There is a second place, too: that there was none is another fault.
      inject: () => declare(declared.replace("to: [~/backups]", "to: [~/backups, here:kept]")).then(() => since(31)),
      undo: () => sinceToday().then(() => declare(declared)),
    },
    {
      name: "the app has logged errors, and is well again",
      finds: "app.error",
      on: WEB,
      severity: "info",
      inject: async () => {
        await sql(app, "alter table tools rename to tools_away").then(visit);
        await sql(app, "alter table tools_away rename to tools");
      },
      undo: () => on(HOST, "docker restart -t 1 skriptoteket-web").then(healthy),
    },
    {
      name: "the newest backup is far smaller than those before it",
      finds: "backup.size",
      on: MAIN,
      inject: async () => {
        await sql(app, "create table filler as select n, md5(n::text) as text from generate_series(1, 8000) n");
        for (const _ of [1, 2, 3]) await backUp();
        await sql(app, "drop table filler");
        await backUp();
      },
      undo: async () => {
        await sql(app, "create table filler as select n, md5(n::text) as text from generate_series(1, 8000) n");
        await backUp();
      },
      within: 5,
    },
  ];

  it.each(faults)("$name", (fault) => walksInto(app.workshop, fault), 180_000);
});
