import { createServer, type IncomingMessage, type Server } from "node:http";
import { errorClass, type Log } from "./log.ts";

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  /** The body's type when it is a text; anything else is sent as JSON. */
  readonly type?: string;
}

export interface Call {
  readonly request: IncomingMessage;
  /** What the route's pattern caught in the path. */
  readonly id: string;
  json(): Promise<Record<string, unknown>>;
}

export type Route = readonly [method: string, path: RegExp, answer: (call: Call) => Reply | Promise<Reply>];

/** An answer that is the caller's doing, and no error of the app. */
export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const BODY_LIMIT = 64 * 1024;

export function createApp(routes: readonly Route[], log: Log): Server {
  const server = createServer(async (request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const { status, body, type } = await answer(routes, request, path, log);
    response.writeHead(status, { "Content-Type": type ?? "application/json" });
    response.end(type ? String(body) : JSON.stringify(body));
    log.info("http_request", { method: request.method, path, status, client_ip: clientOf(request) });
  });
  // Longer than any proxy keeps an idle connection: else it sends a request into one that is just being closed.
  server.keepAliveTimeout = 125_000;
  return server;
}

async function answer(routes: readonly Route[], request: IncomingMessage, path: string, log: Log): Promise<Reply> {
  const wanted = request.method === "HEAD" ? "GET" : request.method;
  for (const [method, pattern, handle] of routes) {
    const match = method === wanted && pattern.exec(path);
    if (!match) continue;
    try {
      return await handle({ request, id: match[1] ?? "", json: () => readJson(request) });
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, body: { error: error.message } };
      const message = error instanceof Error ? error.message : String(error);
      log.error("request_failed", { path, error_class: errorClass(error), error: message });
      return { status: 500, body: { error: "internal error" } };
    }
  }
  return { status: 404, body: { error: "not found" } };
}

/** The app listens behind a proxy only, so the first address in its header is the visitor's. */
function clientOf(request: IncomingMessage): string | undefined {
  const forwarded = request.headers["x-forwarded-for"];
  return typeof forwarded === "string" ? forwarded.split(",", 1)[0]?.trim() : request.socket.remoteAddress;
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > BODY_LIMIT) throw new Refusal(413, "the body is too large");
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Said below, together with JSON that is no object.
  }
  throw new Refusal(400, "the body is not a JSON object");
}
