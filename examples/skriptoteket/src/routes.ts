import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Database } from "./database.ts";
import type { Routes } from "./http.ts";
import { describeError } from "./log.ts";
import { frontPage } from "./page.ts";
import { keepSessionFile } from "./sessions.ts";
import { addTool, listTools, parseTool } from "./tools.ts";

export interface RouteOptions {
  readonly database: Database;
  readonly version: string;
  readonly artifacts: string;
  readonly unhealthy: boolean;
}

const SLOWEST_MS = 30_000;

export function createRoutes({ database, version, artifacts, unhealthy }: RouteOptions): Routes {
  return {
    "GET /": async () => ({ status: 200, html: true, body: frontPage(version) }),

    // Asks for the connection, not for the tables: the app is up before its first migration has been run.
    "GET /health": async ({ log }) => {
      try {
        if (unhealthy) throw new Error("UNHEALTHY is set");
        await within(2_000, database.query("SELECT 1"));
        return { status: 200, body: { status: "ok" } };
      } catch (error) {
        log.warning("health_failed", { error: describeError(error) });
        return { status: 503, body: { status: "error" } };
      }
    },

    "GET /version": async () => ({ status: 200, body: { app: "skriptoteket", version, instance: hostname() } }),

    "GET /tools": async () => ({ status: 200, body: { tools: await listTools(database) } }),

    "POST /tools": async ({ json, log }) => {
      const tool = parseTool(await json());
      await addTool(database, tool);
      log.info("tool_added", { slug: tool.slug });
      return { status: 201, body: tool };
    },

    "POST /sessions": async ({ json }) => ({ status: 201, body: await keepSessionFile(artifacts, await json()) }),

    // A request that takes its time, to see whether a swap lets it finish.
    "GET /slow": async ({ url }) => {
      const ms = Math.min(Math.max(Number(url.searchParams.get("ms")) || 0, 0), SLOWEST_MS);
      await sleep(ms);
      return { status: 200, body: { slept_ms: ms, version } };
    },
  };
}

/** A probe that hangs says less than one that fails. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${ms} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}
