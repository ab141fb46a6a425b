import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Targets } from "./targets.ts";

const FAREWELL_MS = 1000;

/** A connection that becomes something else, such as a WebSocket: after its first request it is passed on as it is. */
export async function tunnel(request: IncomingMessage, client: Duplex, head: Buffer, targets: Targets): Promise<void> {
  client.on("error", () => client.destroy());
  const target = await targets.next(Date.now());
  if (!target) {
    client.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  const onward: Socket = connect(target.port, "127.0.0.1");
  targets.begin(target);
  let open = true;
  const close = () => {
    if (open) targets.end(target);
    open = false;
    onward.destroy();
    client.destroy();
  };
  onward.once("error", close).once("close", close);
  client.once("close", close);
  // Nobody goes on with half a connection: the other side gets what is on its way, and a moment to say farewell.
  const farewell = () => setTimeout(close, FAREWELL_MS).unref();
  onward.once("end", farewell);
  client.once("end", farewell);
  onward.once("connect", () => {
    const headers = Array.from(
      { length: request.rawHeaders.length / 2 },
      (_, at) => `${request.rawHeaders[2 * at]}: ${request.rawHeaders[2 * at + 1]}`,
    );
    onward.write([`${request.method} ${request.url} HTTP/1.1`, ...headers, "", ""].join("\r\n"), "latin1");
    onward.write(head);
    onward.pipe(client).pipe(onward);
  });
}
