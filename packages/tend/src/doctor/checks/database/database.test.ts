import { cases, container, YAML } from "../../testing.ts";
import { auth } from "./auth.ts";
import { down } from "./down.ts";
import { loadFailed } from "./load.ts";
import { majorMismatch } from "./major-mismatch.ts";
import { extensionMissing, missing, shut } from "./missing.ts";
import { publicPort } from "./public-port.ts";
import { archiving, collation, connections } from "./server.ts";

/** What the server says last counts. */
function told(fact: Readonly<Record<string, unknown>>): (recorded: string) => string {
  return (recorded) => `${recorded}fact ${JSON.stringify(fact)}\n`;
}
const answers = (said: string) => ({ stdout: `server shared-postgres postgres\n${said}\n` });
const log = (name: string, line: string) => (recorded: string) =>
  recorded.replace(`\x1elog ${name}\n`, `\x1elog ${name}\n${line}\n`);
const SILENT = { exit: 124, stdout: "" };
const NO_PSQL = answers('OCI runtime exec failed: exec failed: "psql": executable file not found in $PATH: unknown');
const NO_SOCKET = answers(
  'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory',
);
const SKRIPTOTEKET = { name: "skriptoteket", open: true, bytes: 7_919_283 };

cases(down, {
  good: {
    "it refuses tend's own role: it is there": { postgres: answers('psql: error: FATAL:  role "postgres" does not exist') },
  },
  bad: {
    "it is starting up": {
      seen: { postgres: answers("FATAL:  the database system is starting up") },
      on: "hemma/shared-postgres",
      says: "is starting up",
    },
    "it was started this moment": {
      seen: { postgres: NO_SOCKET, containers: container("shared-postgres", () => ({ startedAt: "2026-11-20T13:53:40Z" })) },
      on: "hemma/shared-postgres",
      says: "is starting up",
    },
    "its container was stopped": {
      seen: {
        postgres: answers("Error response from daemon: container 7f0c is not running"),
        containers: container("shared-postgres", () => ({ state: "exited", exitCode: 137, finishedAt: "2026-11-20T13:50:00Z" })),
      },
      on: "hemma/shared-postgres",
      says: /shared-postgres isn't running.*\n.*exited, exit 137/s,
    },
    "its container is gone": {
      seen: {
        postgres: answers("Error response from daemon: No such container: shared-postgres"),
        containers: (recorded) => recorded.replace("/shared-postgres", "/postgres-old"),
      },
      on: "hemma/shared-postgres",
      says: "there is no container shared-postgres",
    },
    "it runs, and listens to nobody": {
      seen: { postgres: NO_SOCKET, containers: container("shared-postgres", () => ({ startedAt: "2026-11-20T13:40:00Z" })) },
      on: "hemma/shared-postgres",
      says: "takes no connections",
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT }, "there is no psql": { postgres: NO_PSQL } },
});

const MISMATCH =
  "version 2026-11-20T13:53:00Z 2026-11-20 13:53:00.1 UTC [1] DETAIL:  The data directory was initialized by PostgreSQL version 17, which is not compatible with this version 15.18 (Debian 15.18-0+deb12u1).";
const RESTARTS = container("shared-postgres", () => ({ state: "restarting", exitCode: 1, restarts: 6 }));
cases(majorMismatch, {
  good: {
    "it said so once, and runs now": {
      logs: log("shared-postgres", MISMATCH),
      containers: container("shared-postgres", () => ({ startedAt: "2026-11-20T13:40:00Z" })),
    },
    "it said so before its last start, and is starting": {
      logs: log("shared-postgres", MISMATCH),
      containers: container("shared-postgres", () => ({ health: { Status: "starting", FailingStreak: 0, Log: [] } })),
    },
    "it restarts for another reason": { containers: RESTARTS },
  },
  bad: {
    "the tag was moved, and psql finds nobody": {
      seen: { postgres: SILENT, containers: RESTARTS, logs: log("shared-postgres", MISMATCH) },
      on: "hemma/shared-postgres",
      says: /its files are of PostgreSQL 17, .* is 15\.18$/m,
    },
  },
  unmeasurable: { "docker logs hangs": { logs: SILENT } },
});

cases(missing, {
  good: { "others are there, too": { postgres: told({ databases: [SKRIPTOTEKET, { ...SKRIPTOTEKET, name: "other" }] }) } },
  bad: {
    "it was dropped": {
      seen: { postgres: told({ databases: [] }) },
      on: "hemma/skriptoteket/main",
      says: "shared-postgres has no database skriptoteket",
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT }, "there is no psql": { postgres: NO_PSQL } },
});

cases(shut, {
  good: { "it isn't there at all": { postgres: told({ databases: [] }) } },
  bad: {
    "an exchange was cut off": {
      seen: { postgres: told({ databases: [{ ...SKRIPTOTEKET, open: false }] }) },
      on: "hemma/skriptoteket/main",
      says: "lets nobody in",
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT } },
});

const REFUSED =
  'login 2026-11-20T13:52:00Z 2026-11-20 13:52:00 UTC [9] FATAL:  password authentication failed for user "skriptoteket"';
/** Both have been up since then. */
const upSince = (app: string, server: string) => (recorded: string) =>
  container("skriptoteket-web", () => ({ startedAt: `2026-11-20T${app}Z` }))(
    container("shared-postgres", () => ({ startedAt: `2026-11-20T${server}Z` }))(recorded),
  );
cases(auth, {
  good: {
    "the app was made anew since, with another password": {
      logs: log("shared-postgres", REFUSED),
      postgres: told({ sessions: {} }),
      containers: upSince("13:52:30", "13:40:00"),
    },
    "somebody came in since": {
      logs: log("shared-postgres", REFUSED),
      postgres: told({ sessions: { skriptoteket: "2026-11-20T13:53:00+00:00" } }),
      containers: upSince("13:40:00", "13:40:00"),
    },
    "a stranger tried": {
      logs: log("shared-postgres", REFUSED.replace('"skriptoteket"', '"admin"')),
      postgres: told({ sessions: {} }),
      containers: upSince("13:40:00", "13:40:00"),
    },
    "the server was started anew since, and nobody has tried yet": {
      logs: log("shared-postgres", REFUSED),
      postgres: told({ sessions: {} }),
      containers: upSince("13:40:00", "13:52:30"),
    },
    "it is long ago": {
      logs: log("shared-postgres", REFUSED.replace("T13:52", "T11:52")),
      postgres: told({ sessions: {} }),
      containers: upSince("11:40:00", "11:40:00"),
    },
  },
  bad: {
    "the password was changed": {
      seen: {
        logs: log("shared-postgres", REFUSED),
        postgres: told({ sessions: {} }),
        containers: upSince("13:40:00", "13:40:00"),
      },
      on: "hemma/skriptoteket/main",
      says: /refuses skriptoteket.*password authentication failed/s,
    },
    "the owner isn't there": {
      seen: { postgres: told({ roles: [] }) },
      on: "hemma/skriptoteket/main",
      says: "has no role skriptoteket",
    },
    "tend's own role isn't there": {
      seen: {
        postgres: answers('psql: error: connection to server on socket "/x" failed: FATAL:  role "postgres" does not exist'),
      },
      on: "hemma/shared-postgres",
      says: 'role "postgres" does not exist',
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT } },
});

cases(extensionMissing, {
  yaml: YAML.replace("owner: skriptoteket }", "owner: skriptoteket, extensions: [plpgsql] }"),
  good: {
    "it can't be connected to: another check says so": { postgres: told({ databases: [{ ...SKRIPTOTEKET, open: false }] }) },
  },
  bad: {
    "it was never made": {
      seen: { postgres: (recorded) => recorded.replace('"plpgsql"', '"citext"') },
      on: "hemma/skriptoteket/main",
      says: "lacks the extension plpgsql",
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT } },
});

cases(connections, {
  good: { "half of them": { postgres: told({ connections: { used: 50, most: 100 } }) } },
  bad: {
    "a pool that is too large": {
      seen: { postgres: told({ connections: { used: 85, most: 100 } }) },
      on: "hemma/shared-postgres",
      says: "85 of 100",
    },
    "all of them": {
      seen: {
        postgres: answers('psql: error: connection to server on socket "/x" failed: FATAL:  sorry, too many clients already'),
      },
      on: "hemma/shared-postgres",
      says: "takes no more connections",
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT }, "there is no psql": { postgres: NO_PSQL } },
});

cases(collation, {
  good: {
    "before PostgreSQL 15": { postgres: told({ collations: {} }) },
    "made by a library that has no versions": { postgres: told({ collations: { skriptoteket: { actual: "2.41" } } }) },
  },
  bad: {
    "a newer Debian": {
      seen: { postgres: told({ collations: { skriptoteket: { recorded: "2.36", actual: "2.41" } } }) },
      on: "hemma/skriptoteket/main",
      says: /2\.36.*2\.41/,
    },
    "from Debian to Alpine": {
      seen: { postgres: told({ collations: { skriptoteket: { recorded: "2.36" } } }) },
      on: "hemma/skriptoteket/main",
      says: "has none",
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT } },
});

const ARCHIVE = { failed: 4, wal: "000000010000000000000007", lastFailed: "2026-11-20T13:50:00+00:00" };
cases(archiving, {
  good: { "it went well since": { postgres: told({ archive: { ...ARCHIVE, lastDone: "2026-11-20T13:51:00+00:00" } }) } },
  bad: {
    "its target is full": {
      seen: { postgres: told({ archive: { ...ARCHIVE, lastDone: "2026-11-20T13:40:00+00:00" } }) },
      on: "hemma/shared-postgres",
      says: "000000010000000000000007",
    },
  },
  unmeasurable: { "psql hangs": { postgres: SILENT } },
});

/** As PostgreSQL 15 wrote it, for a dump as text that was piped into psql. */
const copied = (table: string, at = "13:53:30") =>
  log("shared-postgres", `load 2026-11-20T${at}Z 2026-11-20 ${at}.653 UTC [23722] STATEMENT:  COPY public.${table} FROM stdin;`);
cases(loadFailed, {
  good: {
    "it is hours ago": { logs: copied("uk_lrt (id, name, year)", "11:53:30"), containers: upSince("10:00:00", "10:00:00") },
  },
  bad: {
    "a table has other columns": {
      seen: { logs: copied("uk_lrt (id, name, year)") },
      on: "hemma/shared-postgres",
      says: "rows of uk_lrt could not be loaded",
    },
    "migrations had been there before": {
      seen: { logs: copied("schema_migrations (version)") },
      on: "hemma/shared-postgres",
      says: "that is harmless",
    },
  },
  unmeasurable: { "docker logs hangs": { logs: SILENT } },
});

const ports = (HostIp: string) =>
  container("shared-postgres", () => ({ ports: { "5432/tcp": [{ HostIp, HostPort: "15432" }] } }));
cases(publicPort, {
  good: { "for the host alone": { containers: ports("127.0.0.1") } },
  bad: {
    "for everybody": { seen: { containers: ports("0.0.0.0") }, on: "hemma/shared-postgres", says: /PostgreSQL on port 15432/ },
    "by IPv6": { seen: { containers: ports("::") }, on: "hemma/shared-postgres", says: "5432/tcp" },
  },
  unmeasurable: { "the engine refuses": { containers: { exit: 1, stdout: "", stderr: "permission denied" } } },
});
