import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";

/** What came of one request. JSON: it is a fact. */
export interface Asked {
  /** Where the connection went: `172.18.0.3:8000`. */
  readonly to: string;
  readonly path: string;
  readonly ms: number;
  readonly status?: number;
  readonly location?: string;
  readonly server?: string;
  /** Addresses that the page loads things from. */
  readonly loads?: readonly string[];
  /** Why there was no answer. */
  readonly error?: string;
  readonly kind?: "refused" | "late" | "reset" | "name" | "tls" | "other";
}

export interface Question {
  readonly scheme: "http" | "https";
  readonly domain: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection, or where it goes. */
  readonly over: { readonly socket: Promise<Duplex>; readonly to: string } | { readonly host: string; readonly port: number };
}

/** Milliseconds that an answer may take, and bytes of a page that are read. */
export const PATIENCE = 5000;
const MOST_PAGE = 200_000;
const MOST_LOADS = 20;

/** One GET, bounded in time; it never throws. Certificates are another check's business. */
export async function ask({ scheme, domain, path, headers = {}, over }: Question, signal: AbortSignal): Promise<Asked> {
  const began = performance.now();
  const to = "to" in over ? over.to : `${isIPv6(over.host) ? `[${over.host}]` : over.host}:${over.port}`;
  const about = () => ({ to, path, ms: Math.round(performance.now() - began) });
  const { promise, resolve } = Promise.withResolvers<Asked>();
  let connected = !("to" in over);
  const late = setTimeout(() => {
    const seconds = `${PATIENCE / 1000} s`;
    if (connected) resolve({ ...about(), error: `no answer within ${seconds}`, kind: "late" });
    else resolve({ ...about(), error: `no connection within ${seconds}`, kind: "refused" });
  }, PATIENCE);
  const gone = () => resolve({ ...about(), error: "there was no time left to ask", kind: "other" });
  signal.addEventListener("abort", gone, { once: true });
  let end: () => void = () => undefined;
  try {
    const socket = "to" in over ? await Promise.race([over.socket, promise.then(() => undefined)]) : undefined;
    if ("to" in over && !socket) return await promise;
    connected = true;
    const options: RequestOptions & { rejectUnauthorized: boolean; servername?: string } = {
      method: "GET",
      path,
      headers: { host: domain, "user-agent": "tend doctor", accept: "text/html,*/*", ...headers },
      rejectUnauthorized: false,
      ...(scheme === "https" ? { servername: domain } : {}),
      ...("to" in over
        ? { createConnection: () => (scheme === "https" ? inTls(socket as Duplex, domain) : (socket as Duplex)) }
        : { host: over.host.replace(/^\[|\]$/g, ""), port: over.port, agent: false }),
    };
    const asked = (scheme === "https" ? httpsRequest : httpRequest)(options, (response) => {
      read(response).then((page) =>
        resolve({
          ...about(),
          status: response.statusCode ?? 0,
          location: response.headers.location,
          server: [response.headers.server].flat()[0],
          ...(/html/.test(response.headers["content-type"] ?? "") ? { loads: loadsOf(page) } : {}),
        }),
      );
    });
    end = () => {
      asked.destroy();
      socket?.destroy();
    };
    asked.on("upgrade", (response, upgraded) => {
      upgraded.destroy();
      resolve({ ...about(), status: response.statusCode ?? 101 });
    });
    asked.on("error", (error: NodeJS.ErrnoException) => resolve({ ...about(), error: error.message, kind: kindOf(error) }));
    asked.end();
    return await promise;
  } catch (error) {
    return { ...about(), error: reasonOf(error), kind: kindOf(error) };
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", gone);
    end();
  }
}

function inTls(socket: Duplex, servername: string): Duplex {
  return connect({ socket, servername, rejectUnauthorized: false });
}

async function read(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  try {
    for await (const chunk of response) {
      text += chunk as string;
      if (text.length > MOST_PAGE) break;
    }
  } catch {
    // What had come until then was read.
  }
  return text;
}

/** What a page's tags lead a browser to with a full address; links that a person may follow aren't among it. */
function loadsOf(page: string): readonly string[] {
  const found = [
    ...page.matchAll(
      // Up to the next tag and no further: a page may have thousands that don't end.
      /<(?:link\b(?![^<>]*\brel\s*=\s*["']?(?:canonical|alternate|shortlink)\b)|script\b|img\b|form\b|iframe\b|source\b|base\b)[^<>]*?\s(?:href|src|action)\s*=\s*["']?(https?:\/\/[^\s"'<>]+)/gi,
    ),
  ];
  return [...new Set(found.map(([, address]) => (address as string).slice(0, 200)))].slice(0, MOST_LOADS);
}

function reasonOf(error: unknown): string {
  const parts = (error as { parts?: { evidence?: readonly string[] } }).parts;
  return parts?.evidence?.[0] || (error instanceof Error ? error.message : String(error));
}

function kindOf(error: unknown): NonNullable<Asked["kind"]> {
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  const text = `${code} ${message} ${reasonOf(error)}`;
  if (/ENOTFOUND|EAI_AGAIN|ENODATA/.test(text)) return "name";
  if (/ECONNRESET|EPIPE|hang up/.test(text)) return "reset";
  if (/ETIMEDOUT|timed out/i.test(text)) return "late";
  if (/SSL|TLS|EPROTO|CERT/.test(text)) return "tls";
  if (/ECONNREFUSED|refused|EHOSTUNREACH|No route|can't connect/i.test(text)) return "refused";
  return "other";
}
