// :8080 — /ping, and with --api.insecure what is routed where, in the shape of Traefik's API.
import { createServer } from "node:http";
import type { Settings } from "./arguments.ts";
import type { Routing } from "./configuration.ts";

export function serveApi(routing: () => Routing, settings: Settings): void {
  const pages: Record<string, () => unknown> = {
    "/api/http/routers": () =>
      routing().routers.map(({ name, entryPoints, ...router }) => ({
        ...router,
        name: `${name}@docker`,
        entryPoints,
        status: "enabled",
        provider: "docker",
      })),
    "/api/http/services": () =>
      [...routing().services].map(([name, servers]) => ({
        name: `${name}@docker`,
        status: "enabled",
        provider: "docker",
        loadBalancer: { servers: servers.map((url) => ({ url })) },
        serverStatus: Object.fromEntries(servers.map((url) => [url, "UP"])),
      })),
  };
  createServer((incoming, outgoing) => {
    const page = pages[incoming.url ?? ""];
    if (incoming.url === "/ping" && settings.ping) outgoing.end("OK");
    else if (page !== undefined && settings.api)
      outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(page()));
    else outgoing.writeHead(404).end("404 page not found\n");
  }).listen(8080);
}
