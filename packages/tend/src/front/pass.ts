import { type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse, request as send } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Targets, Upstream } from "./targets.ts";

/**
 * Passes one request on and its answer back, both as streams. It is node:http rather than a proxy library, for one
 * reason: no byte of a request is taken from the client before the connection that carries it stands. So whatever was
 * refused can be sent again, whichever its method, and nothing is lost while processes change places.
 */
export async function pass(request: IncomingMessage, response: ServerResponse, targets: Targets): Promise<void> {
  const since = Date.now();
  response.on("error", () => undefined);
  while (!response.destroyed) {
    const target = await targets.next(since);
    if (!target) return refuse(response, 503, "nothing answers here at the moment");
    targets.begin(target);
    const outcome = await attempt(request, response, target);
    targets.end(target);
    if (outcome === "answered") return;
    if (outcome.sent || !targets.mayWait(since)) return refuse(response, outcome.sent ? 502 : 503, outcome.reason);
    await delay(20);
  }
}

type Outcome = "answered" | { readonly sent: boolean; readonly reason: string };

function attempt(request: IncomingMessage, response: ServerResponse, target: Upstream): Promise<Outcome> {
  return new Promise((resolve) => {
    const onward = send({
      host: "127.0.0.1",
      port: target.port,
      agent: target.agent,
      method: request.method,
      path: request.url,
      headers: headersFor(request),
      setHost: false,
    });
    let sent = false;
    let answer: IncomingMessage | undefined;
    const abandon = () => !response.writableFinished && onward.destroy();
    const finish = (outcome: Outcome) => {
      response.off("close", abandon);
      request.unpipe(onward);
      resolve(outcome);
    };
    const begin = () => {
      sent = true;
      if (hasBody(request)) request.pipe(onward);
      else onward.end();
    };
    response.once("close", abandon);
    onward.once("socket", (socket) => (socket.connecting ? socket.once("connect", begin) : begin()));
    onward.on("error", (error: NodeJS.ErrnoException) => {
      // An answer that is there already counts, even to a request that was not read to its end.
      if (answer?.complete) return;
      if (answer) response.destroy();
      // The process closed an idle connection just when it was used again: it has seen nothing of the request.
      const unseen = onward.reusedSocket && error.code === "ECONNRESET" && isRepeatable(request);
      const reason = "the process behind this address closed the connection";
      finish(response.destroyed ? "answered" : { sent: sent && !unseen, reason });
    });
    onward.once("close", () => {
      if (!answer) finish("answered");
    });
    onward.once("response", (incoming) => {
      answer = incoming;
      response.writeHead(incoming.statusCode ?? 502, incoming.statusMessage, endToEnd(incoming));
      incoming.on("error", () => response.destroy());
      // Cut short: the client must not take it for the whole.
      incoming.once("close", () => incoming.complete || response.destroy());
      response.once("close", () => {
        request.resume();
        finish("answered");
      });
      incoming.pipe(response);
    });
  });
}

function isRepeatable(request: IncomingMessage): boolean {
  return !hasBody(request) && (request.method === "GET" || request.method === "HEAD");
}

/** Headers that are about one connection, not about the message. */
const OWN = new Set(["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"]);

function ownHeaders(message: IncomingMessage): ReadonlySet<string> {
  const named = message.headers.connection?.toLowerCase().split(/\s*,\s*/) ?? [];
  return named.length > 0 ? new Set([...OWN, ...named]) : OWN;
}

/** As they came: order, case and repetition. */
function endToEnd(answer: IncomingMessage): string[] {
  const own = ownHeaders(answer);
  return answer.rawHeaders.filter((_, at) => !own.has((answer.rawHeaders[at - (at % 2)] as string).toLowerCase()));
}

function headersFor(request: IncomingMessage): OutgoingHttpHeaders {
  const own = ownHeaders(request);
  const { remoteAddress = "" } = request.socket;
  const address = remoteAddress.replace(/^::ffff:/, "");
  const headers: OutgoingHttpHeaders = {};
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    if (!own.has(name) && name !== "expect") headers[name] = values.length === 1 ? values[0] : values;
  }
  if (request.headers["transfer-encoding"]) headers["transfer-encoding"] = "chunked";
  headers["x-forwarded-for"] = [...(request.headersDistinct["x-forwarded-for"] ?? []), address].join(", ");
  headers["x-forwarded-proto"] ??= "http";
  headers["x-forwarded-host"] ??= request.headers.host ?? "";
  return headers;
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

function refuse(response: ServerResponse, status: 502 | 503, reason: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...(status === 503 ? { "Retry-After": "2" } : {}) });
  response.end(`${status}: ${reason}\n`);
}
