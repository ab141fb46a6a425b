import { once } from "node:events";
import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { trackRequests } from "./drain.ts";

async function slowServer(ms: number) {
  const server = createServer(async (_request, response) => {
    await sleep(ms);
    response.end("done");
  });
  const drain = trackRequests(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { drain, port: (server.address() as AddressInfo).port };
}

function ask(port: number, agent: Agent) {
  return new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
    get({ port, host: "127.0.0.1", agent }, (response) => {
      response.resume().once("end", () => resolve({ status: response.statusCode, connection: response.headers.connection }));
    }).once("error", reject);
  });
}

test("requests in flight are finished, and told to close", async () => {
  const { drain, port } = await slowServer(300);
  const agent = new Agent({ keepAlive: true });
  const answers = Promise.all(Array.from({ length: 50 }, () => ask(port, agent)));
  await sleep(150);
  expect(await drain({ lingerMs: 50, deadlineMs: 5_000 })).toBe(0);
  for (const answer of await answers) expect(answer).toEqual({ status: 200, connection: "close" });
});

test("a request on an idle connection is still answered while the drain lingers; a new connection is refused", async () => {
  const { drain, port } = await slowServer(0);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await ask(port, agent)).connection).toBe("keep-alive");
  const drained = drain({ lingerMs: 400, deadlineMs: 5_000 });
  expect(await ask(port, agent)).toEqual({ status: 200, connection: "close" });
  await expect(ask(port, new Agent())).rejects.toThrow("ECONNREFUSED");
  expect(await drained).toBe(0);
});

test("idle connections do not hold it up", async () => {
  const { drain, port } = await slowServer(0);
  await ask(port, new Agent({ keepAlive: true }));
  const started = Date.now();
  await drain({ lingerMs: 50, deadlineMs: 5_000 });
  expect(Date.now() - started).toBeLessThan(2_000);
});

test("what is open at the deadline is cut and counted", async () => {
  const { drain, port } = await slowServer(3_000);
  const lost = expect(ask(port, new Agent())).rejects.toThrow();
  await sleep(100);
  expect(await drain({ lingerMs: 10, deadlineMs: 200 })).toBe(1);
  await lost;
});
