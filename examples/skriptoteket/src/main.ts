import { readConfig } from "./config.ts";
import { connect } from "./database.ts";
import { trackRequests } from "./drain.ts";
import { createApp } from "./http.ts";
import { createLog, describeError } from "./log.ts";
import { failsToStart, isUnhealthy } from "./rehearsal.ts";
import { createRoutes } from "./routes.ts";
import { readVersion } from "./version.ts";

const log = createLog({
  service: "skriptoteket-web",
  environment: process.env.DEPLOYMENT_ENVIRONMENT || "development",
  format: process.env.LOG_FORMAT === "console" ? "console" : "json",
});

function start(): void {
  const config = readConfig(process.env);
  const version = readVersion(process.env);
  const database = connect(config.databaseUrl);
  const server = createApp(
    createRoutes({ database, version, artifacts: config.artifacts, unhealthy: isUnhealthy(process.env) }),
    log,
  );
  const drain = trackRequests(server);

  server.on("error", (error) => {
    log.error("startup_failed", { error: describeError(error) });
    process.exit(1);
  });
  server.listen(config.port, config.host, () => log.info("server_started", { port: config.port, version }));

  async function stop(signal: string): Promise<void> {
    log.info("shutdown_started", { signal });
    const cut = await drain();
    await database.end();
    log.info("shutdown_finished", { requests_cut: cut });
    process.exit(cut === 0 ? 0 : 1);
  }
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

// A test that needs a release which can't start sets FAIL_START, or plants a `throw` in start().
if (failsToStart(process.env, log)) {
  process.exitCode = 1;
} else {
  try {
    start();
  } catch (error) {
    log.error("startup_failed", { error: describeError(error) });
    process.exitCode = 1;
  }
}
