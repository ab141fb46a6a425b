import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "./database.ts";
import { trackRequests } from "./drain.ts";
import { createLog, describeError } from "./log.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { failsToStart, isUnhealthy } from "./rehearsal.ts";
import { createApp } from "./server.ts";
import { readVersion } from "./version.ts";

const log = createLog("legal-backend");

/** Before it listens there is nothing to finish. */
let finish = async (): Promise<number> => 0;

async function stop(signal: string): Promise<void> {
  log.info("shutdown_started", { signal });
  const cut = await finish();
  log.info("shutdown_finished", { requests_cut: cut });
  process.exit(cut === 0 ? 0 : 1);
}

async function start(): Promise<void> {
  const { DATABASE_URL, HOST, PORT, MIGRATE_SECONDS } = process.env;
  if (!DATABASE_URL) throw new Error("DATABASE_URL is not set");
  const version = readVersion(process.env);
  const database = connect(DATABASE_URL);

  log.info("migrate_started", { version });
  const applied = await migrate(database, await readMigrations(new URL("../migrations", import.meta.url).pathname));
  // The real one takes its time over a large table: nothing listens until then, and a proxy that looks too early gets 502.
  await sleep(Number(MIGRATE_SECONDS || 3) * 1_000);
  log.info("migrate_finished", { applied });

  const server = createApp({ database, version, unhealthy: isUnhealthy(process.env), log });
  const drain = trackRequests(server);
  finish = async () => {
    const cut = await drain();
    await database.end();
    return cut;
  };
  server.on("error", fail);
  const port = Number(PORT || 4000);
  server.listen(port, HOST || "0.0.0.0", () => log.info("server_started", { port, version }));
}

function fail(error: unknown): void {
  log.error("startup_failed", { error: describeError(error) });
  process.exit(1);
}

// At once: as a container's first process it would otherwise not be stopped by a signal while it migrates.
process.once("SIGTERM", stop);
process.once("SIGINT", stop);

// A test that needs a release which can't start sets FAIL_START, or plants a `throw` in start().
if (failsToStart(process.env, log)) process.exitCode = 1;
else start().catch(fail);
