import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Database } from "./database.ts";
import { createApp } from "./http.ts";
import { createLog } from "./log.ts";
import { createRoutes } from "./routes.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function appWith(answer: (text: string) => unknown[], unhealthy = false) {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => lines.push(JSON.parse(line));
  const log = createLog({ service: "web", environment: "test", format: "json", write });
  const database: Database = {
    query: async <Row>(text: string) => answer(text) as Row[],
    script: async () => undefined,
    transaction: (work) => work(database),
    end: async () => undefined,
  };
  const server = createApp(createRoutes({ database, version: "1.2.3", artifacts: "/nowhere", unhealthy }), log);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { lines, ask: (path: string, init?: RequestInit) => fetch(base + path, init) };
}

const noTable = () => {
  throw Object.assign(new Error('relation "tools" does not exist'), { name: "PostgresError" });
};

test("without its tables the app is healthy, and says why /tools is not", async () => {
  const { ask, lines } = await appWith((text) => (text === "SELECT 1" ? [{}] : noTable()));
  expect((await ask("/health")).status).toBe(200);
  const failed = await ask("/tools", { headers: { "X-Correlation-ID": "r-1" } });
  expect(failed.status).toBe(500);
  expect(await failed.json()).toEqual({ error: "internal error" });
  expect(lines.find((line) => line.level === "error")).toMatchObject({
    event: "request_failed",
    correlation_id: "r-1",
    error: 'PostgresError: relation "tools" does not exist',
  });
});

test("without its database, and in a rehearsal, health is 503", async () => {
  const broken = await appWith(noTable);
  expect((await broken.ask("/health")).status).toBe(503);
  const rehearsed = await appWith(() => [], true);
  expect((await rehearsed.ask("/health")).status).toBe(503);
});

test("a correlation id is echoed; a missing or harmful one is replaced", async () => {
  const { ask } = await appWith(() => []);
  const given = await ask("/tools", { headers: { "X-Correlation-ID": "6a1f-c2" } });
  expect(given.headers.get("x-correlation-id")).toBe("6a1f-c2");
  for (const id of ["", "two words", "x".repeat(500)]) {
    const replaced = await ask("/tools", { headers: { "X-Correlation-ID": id } });
    expect(replaced.headers.get("x-correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test("healthy probes leave no line in the log; other requests leave two", async () => {
  const { ask, lines } = await appWith(() => []);
  await ask("/health");
  expect(lines).toEqual([]);
  await ask("/version");
  expect(lines.map((line) => line.event)).toEqual(["request_started", "request_finished"]);
});

test("a tool is checked before it is stored", async () => {
  const { ask } = await appWith((text) => (text.startsWith("INSERT") ? [{ id: "1" }] : []));
  const post = (body: string) => ask("/tools", { method: "POST", body });
  expect((await post('{"slug":"merge-lists","title":"Merge lists"}')).status).toBe(201);
  expect((await post('{"slug":"Merge lists","title":"x"}')).status).toBe(422);
  expect((await post('{"slug":"x"}')).status).toBe(422);
  expect((await post("{")).status).toBe(400);
  expect((await post(`"${"x".repeat(70_000)}"`)).status).toBe(413);
});

test("a slug that is taken is a conflict", async () => {
  const { ask } = await appWith(() => []);
  expect((await ask("/tools", { method: "POST", body: '{"slug":"a","title":"A"}' })).status).toBe(409);
});

test("unknown paths and methods are 404, whatever they are called", async () => {
  const { ask } = await appWith(() => []);
  for (const path of ["/nope", "/constructor", "//example.org/tools"]) expect((await ask(path)).status).toBe(404);
  expect((await ask("/tools", { method: "DELETE" })).status).toBe(404);
});
