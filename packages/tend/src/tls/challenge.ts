import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import type { Duplex } from "node:stream";
import type { Address } from "./endpoint.ts";

/** Where an authority looks for the answer to an HTTP-01 challenge. */
export const CHALLENGE = "/.well-known/acme-challenge/";

/** What is answered under a domain's challenge path. JSON through and through. */
export type Answered =
  | { readonly kind: "answered"; readonly status: number; readonly right: boolean; readonly location?: string }
  | { readonly kind: "silent"; readonly why: string };

const WITHIN_MS = 4000;
/** Authorities follow redirects, to other schemes too, and take any certificate on the way. */
const MOST_REDIRECTS = 3;
const MOST_TEXT = 1000;

/** Asks for a file of that name, which has its own name in it, as an authority would. */
export async function askFor(name: string, domain: string, address: Address): Promise<Answered> {
  let url = new URL(`http://${domain}${CHALLENGE}${name}`);
  let at = address;
  for (let turn = 0; ; turn += 1) {
    const answered = await get(url, at, name);
    if (answered.kind === "silent" || answered.location === undefined || turn === MOST_REDIRECTS) return answered;
    const next = URL.parse(answered.location, url.href);
    // Another name's addresses are another matter: what it says there isn't followed, and isn't right.
    if (next?.hostname !== domain) return answered;
    url = next;
    at = { host: address.host, port: portOf(next, address) };
  }
}

/** The same on a connection that is there already: from the proxy's own host. */
export function askOn(connection: Duplex, name: string, domain: string): Promise<Answered> {
  return get(new URL(`http://${domain}${CHALLENGE}${name}`), { host: "127.0.0.1", port: 80 }, name, connection);
}

function portOf(url: URL, { port }: Address): number {
  return url.protocol === "https:" ? Number(url.port || 443) : Number(url.port || port);
}

function get(url: URL, { host, port }: Address, name: string, connection?: Duplex): Promise<Answered> {
  return new Promise((resolve) => {
    const request = url.protocol === "https:" ? requestTls : requestPlain;
    const asked = request({
      host,
      port,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, connection: "close" },
      ...(url.protocol === "https:" ? { servername: url.hostname, rejectUnauthorized: false } : {}),
      ...(connection ? { createConnection: () => connection } : {}),
    });
    const silent = (why: string) => {
      clearTimeout(late);
      asked.destroy();
      resolve({ kind: "silent", why });
    };
    const late = setTimeout(() => silent("ETIMEDOUT"), WITHIN_MS);
    asked.once("error", (error: NodeJS.ErrnoException) => silent(error.code ?? error.message));
    asked.once("response", (response) => {
      const { statusCode: status = 0, headers } = response;
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text = `${text}${part}`.slice(0, MOST_TEXT);
      });
      response.once("error", () => silent("the answer broke off"));
      response.once("end", () => {
        clearTimeout(late);
        resolve({
          kind: "answered",
          status,
          right: status === 200 && text.trim() === name,
          location: status >= 300 && status < 400 ? headers.location : undefined,
        });
      });
    });
    asked.end();
  });
}
