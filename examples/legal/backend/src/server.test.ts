import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Database } from "./database.ts";
import { createLog } from "./log.ts";
import { createApp } from "./server.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function appWith(answer: (text: string) => unknown[]) {
  const lines: Record<string, unknown>[] = [];
  const database: Database = {
    query: async <Row>(text: string) => answer(text) as Row[],
    transaction: async () => undefined,
    end: async () => undefined,
  };
  const log = createLog("legal-backend", (line) => lines.push(JSON.parse(line)));
  const server = createApp({ database, version: "1.2.3", unhealthy: false, log });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { lines, ask: (path: string, headers = {}) => fetch(base + path, { headers }) };
}

test("the laws come from the register", async () => {
  const laws = [{ name: "ukpga-1974-37", title: "Health and Safety at Work etc. Act", year: 1974 }];
  const { ask, lines } = await appWith((text) => (text.includes("count(") ? [{ count: 19_318 }] : laws));
  expect(await (await ask("/api/laws?year=1974", { "X-Correlation-ID": "r-1" })).json()).toEqual({ count: 19_318, laws });
  expect(lines).toMatchObject([{ event: "request_finished", correlation_id: "r-1", path: "/api/laws", status: 200 }]);
});

test("without its database it is unhealthy, and the log says why", async () => {
  const { ask, lines } = await appWith(() => {
    throw new Error("connect ECONNREFUSED");
  });
  expect((await ask("/health")).status).toBe(503);
  expect((await ask("/api/laws")).status).toBe(500);
  expect(lines[0]).toMatchObject({ level: "error", event: "request_failed", error: "Error: connect ECONNREFUSED" });
});

test("a healthy probe leaves no line in the log", async () => {
  const { ask, lines } = await appWith(() => []);
  expect((await ask("/health")).status).toBe(200);
  expect(lines).toEqual([]);
});
