import { Agent, request } from "node:http";

export interface Tally {
  readonly requests: number;
  /** 4xx, 5xx, refused, timed out: Traefik without a container to ask says 404. */
  readonly failed: number;
  readonly resets: number;
  readonly longestGapMs: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** So many clients, each asking over one kept connection as fast as it is answered, until they are stopped. */
export function clients(
  count: number,
  target: { readonly address: string; readonly port?: number; readonly domain: string; readonly path: string },
) {
  let stopped = false;
  let requests = 0;
  let failed = 0;
  let resets = 0;
  let longest = 0;
  let lastGood = performance.now();
  const reasons: Record<string, number> = {};
  const note = (reason: string) => {
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  };
  const ask = (agent: Agent) =>
    new Promise<void>((resolve) => {
      const asked = request(
        {
          host: target.address,
          port: target.port ?? 80,
          path: target.path,
          agent,
          headers: { host: target.domain },
          timeout: 8_000,
        },
        (response) => {
          response.resume();
          response.on("end", () => {
            requests += 1;
            const now = performance.now();
            if ((response.statusCode ?? 0) < 400) {
              longest = Math.max(longest, now - lastGood);
              lastGood = now;
            } else {
              failed += 1;
              note(String(response.statusCode));
            }
            resolve();
          });
          response.on("error", () => resolve());
        },
      );
      asked.on("timeout", () => asked.destroy(new Error("timeout")));
      asked.on("error", (error: NodeJS.ErrnoException) => {
        requests += 1;
        if (error.code === "ECONNRESET" || error.code === "EPIPE") resets += 1;
        else failed += 1;
        note(error.code ?? error.message);
        resolve();
      });
      asked.end();
    });
  const all = Array.from({ length: count }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    // The last request is waited for, too: one that hangs is one that failed.
    while (!stopped) {
      await ask(agent);
      // A reader has to look at the page, too; and the test's machine has other work to do.
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    agent.destroy();
  });
  return {
    async stop(): Promise<Tally> {
      stopped = true;
      await Promise.all(all);
      return { requests, failed, resets, longestGapMs: Math.round(Math.max(longest, performance.now() - lastGood)), reasons };
    },
  };
}
