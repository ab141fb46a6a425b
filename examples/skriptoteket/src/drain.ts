import type { Server, ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface DrainLimits {
  /** How long idle keep-alive connections may still send a request, to be told to close. */
  readonly lingerMs: number;
  /** Docker kills after 10 s; what is still open shortly before is cut. */
  readonly deadlineMs: number;
}

/** Returns how many requests had to be cut off. */
export type Drain = (limits?: DrainLimits) => Promise<number>;

export function trackRequests(server: Server): Drain {
  const open = new Set<ServerResponse>();
  let draining = false;

  server.prependListener("request", (_request, response: ServerResponse) => {
    open.add(response);
    response.once("close", () => open.delete(response));
    if (draining) response.setHeader("Connection", "close");
  });

  return async ({ lingerMs, deadlineMs } = { lingerMs: 500, deadlineMs: 9_000 }) => {
    draining = true;
    const deadline = Date.now() + deadlineMs;
    for (const response of open) if (!response.headersSent) response.setHeader("Connection", "close");

    const closed = new Promise<void>((resolve) => server.once("close", resolve));
    // http.Server's own close() also destroys idle connections at once, and with them a request that is on its way.
    NetServer.prototype.close.call(server);
    await Promise.race([closed, sleep(lingerMs)]);
    while (open.size > 0 && Date.now() < deadline) await sleep(20);

    const cut = open.size;
    server.closeAllConnections();
    await closed;
    return cut;
  };
}
