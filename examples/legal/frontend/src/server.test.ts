import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createLog } from "./log.ts";
import { createApp } from "./server.ts";
import { readSite } from "./site.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function app(unhealthy = false) {
  const site = readSite(new URL("../public/", import.meta.url), "1.2.3");
  const server = createApp({ site, version: "1.2.3", unhealthy, log: createLog("test", () => undefined) });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (path: string) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
}

test("the page names its release", async () => {
  const ask = await app();
  const page = await ask("/");
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(await page.text()).toContain("Release 1.2.3");
  expect(await (await ask("/version")).json()).toMatchObject({ app: "legal-frontend", version: "1.2.3" });
});

test("only the site's own files can be had", async () => {
  const ask = await app();
  for (const path of ["/../package.json", "/%2e%2e/VERSION", "/public/index.html", "//x"]) {
    expect((await ask(path)).status).toBe(404);
  }
});

test("in a rehearsal it serves and says that it is not well", async () => {
  expect((await (await app())("/health")).status).toBe(200);
  const unwell = await app(true);
  expect((await unwell("/health")).status).toBe(503);
  expect((await unwell("/")).status).toBe(200);
});

test("/slow takes its time, and not forever", async () => {
  const ask = await app();
  expect(await (await ask("/slow?ms=20")).json()).toEqual({ slept_ms: 20, version: "1.2.3" });
  expect(await (await ask("/slow?ms=soon")).json()).toMatchObject({ slept_ms: 0 });
});
