// One entry point: finds the router, takes the next server of its service, passes the request on. Nothing is tried
// twice: a server that refuses is a 502 for this request, as in Traefik without a retry middleware.

import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Agent, createServer, request } from "node:http";
import type { Socket } from "node:net";
import type { Routing } from "./configuration.ts";
import { log } from "./log.ts";
import { parseRule } from "./rule.ts";

const upstream = new Agent({ keepAlive: true, maxFreeSockets: 200 });
const perHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const turns = new Map<string, number>();
function nextServer(service: string, servers: string[]): string | undefined {
  const turn = turns.get(service) ?? 0;
  turns.set(service, turn + 1);
  return servers[turn % servers.length];
}

const compiled = new Map<string, ReturnType<typeof parseRule>>();
function matcher(rule: string) {
  const known = compiled.get(rule) ?? parseRule(rule);
  compiled.set(rule, known);
  return known;
}

export function serve(entryPoint: string, port: number, routing: () => Routing): void {
  function target(incoming: IncomingMessage): URL | 404 | 503 {
    const { routers, services } = routing();
    const asked = {
      host: (incoming.headers.host ?? "").replace(/:\d+$/, "").toLowerCase(),
      path: (incoming.url ?? "/").replace(/\?.*$/s, ""),
      method: incoming.method ?? "GET",
      headers: incoming.headers,
    };
    const router = routers.find(
      (one) => (one.entryPoints.length === 0 || one.entryPoints.includes(entryPoint)) && matcher(one.rule)(asked),
    );
    if (router === undefined) return 404;
    const server = nextServer(router.service, services.get(router.service) ?? []);
    return server === undefined ? 503 : new URL(server);
  }

  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 180_000 }, (incoming, outgoing) => {
    const to = target(incoming);
    if (to instanceof URL) pass(incoming, outgoing, to, port);
    else answer(outgoing, to);
  });

  server.on("upgrade", (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    const to = target(incoming);
    if (to instanceof URL) passUpgrade(incoming, client, head, to, port);
    else client.end(`HTTP/1.1 ${to} ${texts[to]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });

  server.listen(port, () => log("INF", `entry point ${entryPoint} listens on :${port}`));
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, to: URL, port: number): void {
  const bodiless = incoming.headers["content-length"] === undefined && incoming.headers["transfer-encoding"] === undefined;
  const outward = open(incoming, to, headersFor(incoming, port), (response) => {
    outgoing.writeHead(response.statusCode ?? 502, withoutHops(response));
    response.pipe(outgoing);
    response.on("error", () => outgoing.destroy());
  });
  outward.on("error", (error: NodeJS.ErrnoException) => {
    if (outgoing.headersSent) outgoing.destroy();
    // An idle connection that the server closed in the same moment says nothing about the server; Go asks again, too.
    else if (outward.reusedSocket && bodiless && incoming.method === "GET" && error.code === "ECONNRESET")
      pass(incoming, outgoing, to, port);
    else answer(outgoing, error.code === "ETIMEDOUT" ? 504 : 502, error);
  });
  outgoing.on("close", () => outgoing.writableFinished || outward.destroy());
  if (bodiless) outward.end();
  else incoming.pipe(outward);
}

function passUpgrade(incoming: IncomingMessage, client: Socket, head: Buffer, to: URL, port: number): void {
  const headers = { ...headersFor(incoming, port), connection: "Upgrade", upgrade: incoming.headers.upgrade };
  const outward = open(incoming, to, headers, (response) => {
    client.write(statusLine(response));
    response.pipe(client);
  });
  outward.on("upgrade", (response, server, first) => {
    client.write(statusLine(response));
    client.write(first);
    server.write(head);
    server.pipe(client).pipe(server);
    server.on("error", () => client.destroy());
    client.on("error", () => server.destroy());
    client.on("close", () => server.destroy());
  });
  outward.on("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
  outward.end();
}

function open(
  incoming: IncomingMessage,
  to: URL,
  headers: OutgoingHttpHeaders,
  answered: (response: IncomingMessage) => void,
): ClientRequest {
  return request(
    { host: to.hostname, port: to.port, method: incoming.method, path: incoming.url, headers, agent: upstream },
    answered,
  );
}

// What a client claims about itself is replaced, not passed on: no address is trusted by default.
function headersFor(incoming: IncomingMessage, port: number): OutgoingHttpHeaders {
  const client = (incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  return {
    ...withoutHops(incoming),
    "x-forwarded-for": client,
    "x-real-ip": client,
    "x-forwarded-host": incoming.headers.host,
    "x-forwarded-port": String(port),
    "x-forwarded-proto": "http",
    "x-forwarded-server": "traefik",
  };
}

function withoutHops(message: IncomingMessage): OutgoingHttpHeaders {
  const named = String(message.headers.connection ?? "")
    .toLowerCase()
    .split(/\s*,\s*/);
  const kept = Object.entries(message.headers).filter(([name]) => !perHop.has(name) && !named.includes(name));
  // A body of unknown length stays one.
  if (message.headers["transfer-encoding"] !== undefined) kept.push(["transfer-encoding", "chunked"]);
  return Object.fromEntries(kept);
}

const texts: Record<number, string> = {
  404: "404 page not found",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

function answer(outgoing: ServerResponse, status: number, error?: Error): void {
  if (error !== undefined) log("DBG", `${status} ${texts[status]}`, { error: error.message });
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${texts[status]}\n`);
}

function statusLine(response: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${response.statusCode} ${response.statusMessage}`];
  for (let i = 0; i < response.rawHeaders.length; i += 2) lines.push(`${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
