import { trackRequests } from "./drain.ts";
import { createLog } from "./log.ts";
import { failsToStart, isUnhealthy } from "./rehearsal.ts";
import { createApp } from "./server.ts";
import { readSite } from "./site.ts";
import { readVersion } from "./version.ts";

const log = createLog("legal-frontend");

function start(): void {
  const host = process.env.HOST || "0.0.0.0";
  const port = Number(process.env.PORT || 3000);
  const version = readVersion(process.env);
  const site = readSite(new URL("../public/", import.meta.url), version);
  const server = createApp({ site, version, unhealthy: isUnhealthy(process.env), log });
  const drain = trackRequests(server);

  server.on("error", (error) => {
    log.error("startup_failed", { error: `${error.name}: ${error.message}` });
    process.exit(1);
  });
  server.listen(port, host, () => log.info("server_started", { port, version }));

  async function stop(signal: string): Promise<void> {
    log.info("shutdown_started", { signal });
    const cut = await drain();
    log.info("shutdown_finished", { requests_cut: cut });
    process.exit(cut === 0 ? 0 : 1);
  }
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

// A test that needs a release which can't start sets FAIL_START, or plants a `throw` in start().
if (failsToStart(process.env, log)) process.exitCode = 1;
else start();
