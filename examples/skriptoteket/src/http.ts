import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { describeError, type Log } from "./log.ts";

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly html?: boolean;
}

export interface Call {
  readonly url: URL;
  readonly log: Log;
  json(): Promise<unknown>;
}

/** Keyed by method and path: "GET /health". */
export type Routes = Readonly<Record<string, (call: Call) => Promise<Reply>>>;

/** An answer that is the caller's doing, and no error of the app. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const BODY_LIMIT = 64 * 1024;

export function createApp(routes: Routes, log: Log): Server {
  const server = createServer(async (request, response) => {
    const started = performance.now();
    const url = new URL(`http://app${request.url?.startsWith("/") ? request.url : "/"}`);
    const correlationId = correlationOf(request);
    const requestLog = log.with({ correlation_id: correlationId });
    // A healthy probe every two seconds would bury everything else.
    const quiet = url.pathname === "/health";
    const what = { method: request.method, path: url.pathname };
    if (!quiet) requestLog.info("request_started", what);

    const reply = await answer(routes, { url, log: requestLog, json: () => readJson(request) }, request.method);

    response.setHeader("X-Correlation-ID", correlationId);
    response.setHeader("Content-Type", reply.html ? "text/html; charset=utf-8" : "application/json");
    response.statusCode = reply.status;
    response.end(reply.html ? String(reply.body) : JSON.stringify(reply.body));
    const duration_ms = Math.round(performance.now() - started);
    if (!quiet || reply.status !== 200) requestLog.info("request_finished", { ...what, status: reply.status, duration_ms });
  });
  // Longer than any proxy keeps an idle connection: else it sends a request into one that is just being closed.
  server.keepAliveTimeout = 125_000;
  return server;
}

async function answer(routes: Routes, call: Call, method = "GET"): Promise<Reply> {
  const key = `${method === "HEAD" ? "GET" : method} ${call.url.pathname}`;
  const route = Object.hasOwn(routes, key) ? routes[key] : undefined;
  if (!route) return { status: 404, body: { error: "not found" } };
  try {
    return await route(call);
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: { error: error.message } };
    call.log.error("request_failed", { path: call.url.pathname, error: describeError(error) });
    return { status: 500, body: { error: "internal error" } };
  }
}

/** The caller's id when it is harmless in a log line, else a new one. */
function correlationOf(request: IncomingMessage): string {
  const given = request.headers["x-correlation-id"];
  return typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > BODY_LIMIT) throw new Refusal(413, "the body is too large");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "the body is not JSON");
  }
}
