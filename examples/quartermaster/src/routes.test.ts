import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { createApp } from "./http.ts";
import { createLedger } from "./ledger.ts";
import { createLog } from "./log.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { createRoutes } from "./routes.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function appWith(probe: () => void = () => undefined) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog("quartermaster", (line) => lines.push(JSON.parse(line)));
  const database = new DatabaseSync(":memory:");
  migrate(database, readMigrations(new URL("../migrations/", import.meta.url)));
  const ledger = createLedger(database);
  const server = createApp(createRoutes({ ledger, probe, version: "1.2.3", stylesheet: "body {}", log }), log);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (path: string, body: unknown) => fetch(base + path, { method: "POST", body: JSON.stringify(body) });
  const events = () => lines.filter((line) => line.event !== "http_request");
  return { base, lines, events, post, get: (path: string, init?: RequestInit) => fetch(base + path, init) };
}

test("a month is opened, filled, and closed", async () => {
  const { get, post, events } = await appWith();
  expect((await post("/months", { year_month: "2026-11" })).status).toBe(201);
  expect((await post("/months/2026-11/entries", { name: "Food", planned: 40_000 })).status).toBe(201);
  expect((await post("/entries/1/postings", { amount: 1_250, note: "market" })).status).toBe(201);
  expect((await post("/entries/1/postings", { amount: 750 })).status).toBe(201);
  expect(await (await get("/months/2026-11")).json()).toEqual({
    year_month: "2026-11",
    state: "open",
    entries: [{ id: 1, name: "Food", planned: 40_000, spent: 2_000 }],
  });
  expect((await post("/months/2026-11/close", {})).status).toBe(200);
  expect((await post("/entries/1/postings", { amount: 1 })).status).toBe(409);
  expect(events()).toMatchObject([
    { level: "INFO", event: "month_created", year_month: "2026-11" },
    { event: "posting_added", posting_id: 1, month_entry_id: 1, amount: 1_250 },
    { event: "posting_added", posting_id: 2 },
    { event: "month_closed", year_month: "2026-11" },
  ]);
});

test("what is wrong is refused and not logged as done", async () => {
  const { post, events } = await appWith();
  expect((await post("/months", { year_month: "2026-13" })).status).toBe(422);
  expect((await post("/months", [])).status).toBe(422);
  expect((await post("/months", null)).status).toBe(400);
  expect((await post("/months/2026-11/entries", { name: "Food", planned: 1 })).status).toBe(409);
  expect((await post("/entries/9/postings", { amount: 1.5 })).status).toBe(422);
  expect((await post("/entries/9/postings", { amount: 1 })).status).toBe(409);
  expect(events()).toEqual([]);
});

test("health names the class of the error and nothing else", async () => {
  const { get, lines } = await appWith(() => {
    throw new RangeError("/mnt/secret/path is broken");
  });
  const answer = await get("/healthz");
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ status: "error", detail: "RangeError" });
  expect(lines[0]).toMatchObject({ level: "WARNING", event: "healthz_failed", error_class: "RangeError" });
});

test("every request is logged with the visitor's address", async () => {
  const { get, lines } = await appWith();
  await get("/healthz", { headers: { "X-Forwarded-For": "203.0.113.7, 10.0.0.2" } });
  expect(lines).toMatchObject([
    { event: "http_request", method: "GET", path: "/healthz", status: 200, client_ip: "203.0.113.7" },
  ]);
});

test("the stylesheet's link is the address that the visitor sees", async () => {
  const { get } = await appWith();
  const headers = { "X-Forwarded-Proto": "https", "X-Forwarded-Host": "quartermaster.example" };
  expect(await (await get("/", { headers })).text()).toContain('href="https://quartermaster.example/static/app.css"');
  expect((await get("/static/app.css")).headers.get("content-type")).toBe("text/css");
});

test("a host that is no host does not reach the page", async () => {
  const { get } = await appWith();
  const page = await (await get("/", { headers: { "X-Forwarded-Host": '"><script>x</script>' } })).text();
  expect(page).not.toContain("<script>");
});
