// traefik --providers.docker=true --entrypoints.web.address=:80 … : watches containers, routes requests.
import { setTimeout as sleep } from "node:timers/promises";
import { coalesce, connect } from "../engine-api/engine.ts";
import { serveApi } from "./api.ts";
import { readArguments } from "./arguments.ts";
import { build, type Routing } from "./configuration.ts";
import { log } from "./log.ts";
import { serve } from "./proxy.ts";

const settings = readArguments(process.argv.slice(2));
const engine = connect(settings.endpoint);

let current: Routing = { routers: [], services: new Map() };
let published = "";

// The first change after a quiet time is applied at once, then at most one in `throttle`: Traefik's own rule.
const reload = coalesce(async () => {
  const next = build(await engine.running(), settings);
  const text = JSON.stringify([next.routers, [...next.services]]);
  if (text === published) return;
  published = text;
  current = next;
  log("DBG", "Configuration received", { providerName: "docker" });
  await sleep(settings.throttle);
});

for (const { name, port } of settings.entryPoints) serve(name, port, () => current);
if (settings.api || settings.ping) serveApi(() => current, settings);

process.on("SIGTERM", () => process.exit(0));
process.on("SIGINT", () => process.exit(0));

for (;;) {
  const watching = engine.events(({ Action }) => {
    if (Action === "start" || Action === "die" || Action.startsWith("health_status")) reload();
  });
  reload();
  await watching.catch((error: unknown) => log("ERR", `Provider error, retrying: ${String(error)}`, { providerName: "docker" }));
  await sleep(1000);
}
