import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { plainAddress } from "../model/addresses.ts";
import type { Transport } from "../transport/transport.ts";

const ENOUGH = 2000;

/** The address that a page sees a host come from. The connection is made by the host; so it needs no curl. */
export async function askEcho(url: URL, transport: Transport, signal: AbortSignal): Promise<string> {
  const secure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const socket = await transport.connect({ host, port: Number(url.port) || (secure ? 443 : 80) });
  try {
    // A connection that is handed in is taken as it is: TLS has to be made on it first.
    const createConnection = () => (secure ? connect({ socket, host, servername: isIP(host) ? "" : host }) : socket);
    return addressIn(await get(url, secure ? httpsRequest : httpRequest, { createConnection, signal }));
  } finally {
    socket.destroy();
  }
}

function get(url: URL, send: typeof httpRequest, how: Parameters<typeof httpRequest>[1]): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = send(url, { ...how, headers: { host: url.host, "user-agent": "curl/8 tend" } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        if (text.length < ENOUGH) text += part;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${url.host} answered ${response.statusCode}`)),
      );
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** The first address in what a page says: plain text, JSON or HTML. */
export function addressIn(text: string): string {
  for (const word of text.slice(0, ENOUGH).split(/[^0-9A-Fa-f:.]+/)) {
    const address = /[.:]/.test(word) ? plainAddress(word) : undefined;
    if (address !== undefined) return address;
  }
  throw new Error("it answered with no address");
}
