import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "./log.ts";
import type { Page } from "./site.ts";

export interface ServerOptions {
  readonly site: ReadonlyMap<string, Page>;
  readonly version: string;
  readonly unhealthy: boolean;
  readonly log: Log;
}

const SLOWEST_MS = 30_000;

export function createApp({ site, version, unhealthy, log }: ServerOptions): Server {
  async function answer(url: URL): Promise<{ status: number } & Page> {
    const page = site.get(url.pathname);
    if (page) return { status: 200, ...page };
    if (url.pathname === "/version") return json(200, { app: "legal-frontend", version, instance: hostname() });
    if (url.pathname === "/health") return unhealthy ? json(503, { status: "error" }) : json(200, { status: "ok" });
    if (url.pathname === "/slow") {
      // A request that takes its time, to see whether a swap lets it finish.
      const ms = Math.min(Math.max(Number(url.searchParams.get("ms")) || 0, 0), SLOWEST_MS);
      await sleep(ms);
      return json(200, { slept_ms: ms, version });
    }
    return json(404, { error: "not found" });
  }

  const server = createServer(async (request, response) => {
    const started = performance.now();
    const url = new URL(`http://app${request.url?.startsWith("/") ? request.url : "/"}`);
    const given = request.headers["x-correlation-id"];
    const correlation_id = typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();

    const { status, type, body } = await answer(url);
    response.setHeader("X-Correlation-ID", correlation_id);
    response.writeHead(status, { "Content-Type": type, "Content-Length": body.byteLength }).end(body);
    if (url.pathname === "/health" && status === 200) return;
    const duration_ms = Math.round(performance.now() - started);
    log.info("request_finished", { correlation_id, method: request.method, path: url.pathname, status, duration_ms });
  });
  // Longer than any proxy keeps an idle connection: else it sends a request into one that is just being closed.
  server.keepAliveTimeout = 125_000;
  return server;
}

function json(status: number, value: unknown): { status: number } & Page {
  return { status, type: "application/json", body: Buffer.from(JSON.stringify(value)) };
}
