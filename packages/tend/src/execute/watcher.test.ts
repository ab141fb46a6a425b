import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { Watcher } from "./watcher.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

let answered = 0;

/** Until the server has answered so many more: on a busy machine that may take its time. */
async function answers(more: number): Promise<void> {
  for (const enough = answered + more; answered < enough; ) await sleep(20);
}

/** Watches a server whose answers go by what `status` says at the moment. */
async function watched(status: () => number): Promise<Watcher> {
  server = createServer((_, response) => {
    response.writeHead(status()).end();
    answered += 1;
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return new Watcher({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

describe("what users saw", () => {
  test("nothing failed while it answered", async () => {
    const watcher = await watched(() => 200);
    await answers(6);
    const report = watcher.stop();
    expect(report).toMatchObject({ failed: 0, resets: 0 });
    expect(report?.requests).toBeGreaterThan(3);
  });

  test.each([404, 502, 503])(
    "a proxy that answers %i for a while: those requests failed, and the gap is as long",
    async (missing) => {
      let status = 200;
      const watcher = await watched(() => status);
      await answers(4);
      status = missing;
      await Promise.all([sleep(500), answers(8)]);
      status = 200;
      await answers(4);
      const report = watcher.stop();
      expect(report?.failed).toBeGreaterThan(3);
      expect(report?.longestGapMs).toBeGreaterThanOrEqual(450);
    },
  );

  test("an address that wants a login is well when it says so", async () => {
    const watcher = await watched(() => 401);
    await answers(4);
    expect(watcher.stop()).toMatchObject({ failed: 0 });
  });

  test("nothing can be told of an address that never answered", async () => {
    const watcher = await watched(() => 502);
    await sleep(200);
    expect(watcher.stop()).toBeUndefined();
  });
});
