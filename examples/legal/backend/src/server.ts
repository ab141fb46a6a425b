import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { hostname } from "node:os";
import type { Database } from "./database.ts";
import { describeError, type Log } from "./log.ts";

export interface ServerOptions {
  readonly database: Database;
  readonly version: string;
  readonly unhealthy: boolean;
  readonly log: Log;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export function createApp({ database, version, unhealthy, log }: ServerOptions): Server {
  async function answer(path: string): Promise<Reply> {
    switch (path) {
      case "/health":
        if (unhealthy) return { status: 503, body: { status: "error" } };
        await database.query("SELECT 1");
        return { status: 200, body: { status: "ok" } };
      case "/api/version":
        return { status: 200, body: { app: "legal-backend", version, instance: hostname() } };
      case "/api/laws":
        return { status: 200, body: { count: await countLaws(database), laws: await listLaws(database) } };
      default:
        return { status: 404, body: { error: "not found" } };
    }
  }

  const server = createServer(async (request, response) => {
    const started = performance.now();
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const given = request.headers["x-correlation-id"];
    const correlation_id = typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();

    const reply = await answer(path).catch((error: unknown): Reply => {
      log.error("request_failed", { correlation_id, path, error: describeError(error) });
      // A database that can't be reached is the health endpoint's business; elsewhere it is an error like any other.
      return path === "/health" ? { status: 503, body: { status: "error" } } : { status: 500, body: { error: "internal error" } };
    });
    response.setHeader("X-Correlation-ID", correlation_id);
    response.writeHead(reply.status, { "Content-Type": "application/json" }).end(JSON.stringify(reply.body));
    if (path === "/health" && reply.status === 200) return;
    const duration_ms = Math.round(performance.now() - started);
    log.info("request_finished", { correlation_id, method: request.method, path, status: reply.status, duration_ms });
  });
  // Longer than any proxy keeps an idle connection: else it sends a request into one that is just being closed.
  server.keepAliveTimeout = 125_000;
  return server;
}

interface Law {
  readonly name: string;
  readonly title: string;
  readonly year: number;
}

/** The first hundred: nobody reads nineteen thousand on one page. */
function listLaws(database: Database): Promise<Law[]> {
  return database.query<Law>("SELECT name, title, year FROM uk_lrt ORDER BY year, number, name LIMIT 100");
}

async function countLaws(database: Database): Promise<number> {
  const [found] = await database.query<{ count: number }>("SELECT count(*)::int AS count FROM uk_lrt");
  return found?.count ?? 0;
}
