import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Targets } from "./targets.ts";

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
