import { expect, test } from "vitest";
import { cases, container, judged } from "../../testing.ts";
import { deprecated } from "./deprecated.ts";
import { error } from "./error.ts";
import { migrations } from "./migrations.ts";
import { envMissing, libraryMismatch, moduleMissing, revisionUnknown } from "./start.ts";
import { tablesMissing } from "./tables.ts";

const WEB = "hemma/skriptoteket/web";
const APP = "hemma/skriptoteket";
const logged =
  (sign: string, text: string, time = "13:53:33") =>
  (recorded: string) =>
    recorded.replace("\x1elog skriptoteket-web\n", `\x1elog skriptoteket-web\n${sign} 2026-11-20T${time}Z ${text}\n`);
const asked = (exit: number, ...said: readonly string[]) =>
  `\x1eskriptoteket pending skriptoteket-web\nexit ${exit}\n${said.map((line) => `${line}\n`).join("")}`;
/** It ends again and again. */
const ended = (more: object) =>
  container("skriptoteket-web", () => ({ state: "exited", exitCode: 1, finishedAt: "2026-11-20T13:53:34Z", ...more }));
const loops = ended({ state: "restarting", restarts: 7 });
const starting = container("skriptoteket-web", () => ({ health: { Status: "starting", FailingStreak: 0, Log: [] } }));
const since = (startedAt: string) => container("skriptoteket-web", () => ({ startedAt }));
const NO_LOGS = { "docker logs hangs": { logs: { exit: 124, stdout: "" } } };

cases(migrations, {
  good: { "it can't tell": { migrations: asked(1, "err Error: connect ECONNREFUSED") } },
  bad: {
    "two are pending": {
      seen: { migrations: asked(0, "out 0003_users_and_scripts", "out 0004_snapshots") },
      on: APP,
      says: "2 migrations of skriptoteket weren't applied: 0003_users_and_scripts",
    },
  },
  unmeasurable: { "the container is gone by now": { migrations: { exit: 1, stdout: "", stderr: "no" } } },
});

const RELATION = String.raw`{"level":"error","event":"request_failed","error":"relation \"sandbox_snapshots\" does not exist"}`;
cases(tablesMissing, {
  good: {
    "it is there by now": { logs: logged("missing", 'ERROR: relation "tools" does not exist') },
    "it is hours ago": { containers: since("2026-11-19T10:00:00Z"), logs: logged("missing", RELATION, "11:00:00") },
    "it was before its last start": { logs: logged("missing", RELATION, "13:53:00") },
    "a column, some time ago": {
      containers: since("2026-11-19T10:00:00Z"),
      logs: logged("missing", "ERROR: column notes does not exist", "13:20:00"),
    },
  },
  bad: {
    "a table, in a structured line": {
      seen: { logs: logged("missing", RELATION) },
      on: WEB,
      says: "the table sandbox_snapshots",
    },
    "a column": {
      seen: { logs: logged("missing", "ERROR: column month_entry.notes does not exist") },
      on: WEB,
      says: "the column month_entry.notes",
    },
    "SQLite's words": {
      seen: { logs: logged("missing", "OperationalError: no such table: month") },
      on: WEB,
      says: "the table month",
    },
  },
  unmeasurable: NO_LOGS,
});

cases(revisionUnknown, {
  good: { "another error": { migrations: asked(1, "err Error: connect ECONNREFUSED") } },
  bad: {
    "the app migrates when it starts": {
      seen: {
        containers: loops,
        logs: logged("revision", "alembic.util.exc.CommandError: Can't locate revision identified by 'cc60e7f73a1c'"),
      },
      on: WEB,
      says: "at the migration cc60e7f73a1c",
    },
    "a command says so": {
      seen: { migrations: asked(1, "err Error: can't locate migration 0009: the database has it, this release does not") },
      on: APP,
      says: "at the migration 0009",
    },
  },
  unmeasurable: NO_LOGS,
});

cases(moduleMissing, {
  good: { "what isn't said by the code": { logs: logged("module", "guest wrote: No module today") } },
  bad: {
    "it can't start": {
      seen: { containers: loops, logs: logged("module", "ModuleNotFoundError: No module named 'skriptoteket'") },
      on: WEB,
      says: "the module skriptoteket",
    },
    "its commands have no search path": {
      seen: { migrations: asked(1, "err /usr/bin/python: No module named skriptoteket.cli") },
      on: APP,
      says: /a command of skriptoteket doesn't find the module skriptoteket\.cli/,
    },
    "Node's words": {
      seen: {
        containers: loops,
        logs: logged("module", "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'pg' imported from /app/src/main.ts"),
      },
      on: WEB,
      says: "the module pg",
    },
  },
  unmeasurable: NO_LOGS,
});

cases(libraryMismatch, {
  good: {},
  bad: {
    "another Alpine": {
      seen: {
        containers: loops,
        logs: logged("library", "Error relocating /app/lib/crypto.so: EVP_PKEY_sign_message_init: symbol not found"),
      },
      on: WEB,
      says: "can't load /app/lib/crypto.so",
    },
    "Debian's binary on Alpine": {
      seen: {
        containers: loops,
        logs: logged("library", "node: error while loading shared libraries: libssl.so.3: cannot open shared object file"),
      },
      on: WEB,
      says: "libssl.so.3",
    },
    "a compiled pattern in a module attribute": {
      seen: { containers: loops, logs: logged("library", "error: Failed to load NIF library") },
      on: WEB,
      says: "NIF",
    },
  },
  unmeasurable: NO_LOGS,
});

cases(envMissing, {
  good: {
    "it runs, and only mentions one": { logs: logged("env", "SENTRY_DSN is not set, errors stay here") },
    "it was mended, and starts again": {
      containers: starting,
      logs: logged("env", "Error: DATABASE_URL is not set", "13:53:20"),
    },
    "a request asked for it, hours before somebody stopped it": {
      containers: ended({ exitCode: 143, startedAt: "2026-11-19T10:00:00Z" }),
      logs: logged("env", "KeyError: 'SECRET_KEY'", "11:00:00"),
    },
  },
  bad: {
    "between two attempts, by what the one before said": {
      seen: {
        containers: container("skriptoteket-web", () => ({ restarts: 7, health: null, startedAt: "2026-11-20T13:53:41Z" })),
        logs: logged("env", "Error: DATABASE_URL is not set"),
      },
      on: WEB,
      says: "needs the variable DATABASE_URL",
    },
    "plain words": {
      seen: { containers: loops, logs: logged("env", "Error: DATABASE_URL is not set") },
      on: WEB,
      says: "needs the variable DATABASE_URL",
    },
    "Python's": {
      seen: { containers: loops, logs: logged("env", "KeyError: 'SECRET_KEY'") },
      on: WEB,
      says: "the variable SECRET_KEY",
    },
    "Elixir's": {
      seen: {
        containers: loops,
        logs: logged("env", '** (System.EnvError) could not fetch environment variable "SECRET_KEY_BASE" because it is not set'),
      },
      on: WEB,
      says: "the variable SECRET_KEY_BASE",
    },
    "a command's": {
      seen: { migrations: asked(1, "err Error: DATABASE_URL is not set") },
      on: APP,
      says: "a command of skriptoteket",
    },
  },
  unmeasurable: NO_LOGS,
});

cases(error, {
  good: {
    "it is hours ago": { containers: since("2026-11-19T10:00:00Z"), logs: logged("error", "Error: out of luck", "11:00:00") },
    "a structured line that is no error": {
      logs: logged("error", '{"level":"info","event":"request_finished","path":"/error"}'),
    },
  },
  bad: {
    "this hour": { seen: { logs: logged("error", "TypeError: x is not a function") }, on: WEB, says: "x is not a function" },
  },
  unmeasurable: NO_LOGS,
});

cases(deprecated, {
  good: { "an error is another's": { logs: logged("error", "Error: out of luck") } },
  bad: {
    "Python's words": {
      seen: {
        logs: logged(
          "deprecated",
          "/app/.venv/lib/python3.12/site-packages/pythonjsonlogger/jsonlogger.py:11: DeprecationWarning: pythonjsonlogger.jsonlogger has been moved to pythonjsonlogger.json",
        ),
      },
      on: WEB,
      says: "has been moved to pythonjsonlogger.json",
    },
  },
  unmeasurable: NO_LOGS,
});

test("whatever a log holds, a sign without a time is none", () => {
  const forged = (recorded: string) =>
    recorded.replace("\x1elog skriptoteket-web\n", '\x1elog skriptoteket-web\nmissing relation "x" does not exist\n');
  expect(judged(tablesMissing, { logs: forged }).findings).toEqual([]);
});
