import { readFileSync } from "node:fs";
import { databasePath, openDatabase, probeDatabase } from "./database.ts";
import { trackRequests } from "./drain.ts";
import { createApp } from "./http.ts";
import { createLedger } from "./ledger.ts";
import { createLog, errorClass } from "./log.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { failsToStart, isUnhealthy } from "./rehearsal.ts";
import { createRoutes } from "./routes.ts";
import { readVersion } from "./version.ts";

const log = createLog("quartermaster");

function start(): void {
  const { HOST, PORT, QUARTERMASTER_DB_URL } = process.env;
  const version = readVersion(process.env);
  const path = databasePath(QUARTERMASTER_DB_URL || "sqlite:///quartermaster.db");
  const database = openDatabase(path);
  log.info("migrated", { applied: migrate(database, readMigrations(new URL("../migrations/", import.meta.url))) });

  const unhealthy = isUnhealthy(process.env);
  const probe = () => {
    if (unhealthy) throw new RangeError("UNHEALTHY is set");
    probeDatabase(path);
  };
  const stylesheet = readFileSync(new URL("../public/app.css", import.meta.url), "utf8");
  const server = createApp(createRoutes({ ledger: createLedger(database), probe, version, stylesheet, log }), log);
  const drain = trackRequests(server);

  const port = Number(PORT || 8000);
  server.on("error", fail);
  server.listen(port, HOST || "0.0.0.0", () => log.info("server_started", { port, version }));

  async function stop(signal: string): Promise<void> {
    log.info("shutdown_started", { signal });
    const cut = await drain();
    // Folds the write-ahead log back into the file: what is copied afterwards is whole.
    database.close();
    log.info("shutdown_finished", { requests_cut: cut });
    process.exit(cut === 0 ? 0 : 1);
  }
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  log.error("startup_failed", { error_class: errorClass(error), error: message });
  process.exit(1);
}

// A test that needs a release which can't start sets FAIL_START, or plants a `throw` in start().
if (failsToStart(process.env, log)) {
  process.exitCode = 1;
} else {
  try {
    start();
  } catch (error) {
    fail(error);
  }
}
