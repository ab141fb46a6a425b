import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Answer, describe as inWords, isExpected, request } from "./request.ts";

type Mood = (response: ServerResponse) => void;

let server: Server;
let mood: Mood;
let url = "";
let asked: { readonly host?: string; readonly path?: string }[] = [];

beforeEach(async () => {
  mood = (response) => response.end("ok");
  asked = [];
  server = createServer((incoming, response) => {
    asked.push({ host: incoming.headers.host, path: incoming.url });
    mood(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const once = (more: Partial<Parameters<typeof request>[0]> = {}, timeout = 1000) => request({ url, ...more }, { timeout });

test("a request goes where it is told, under the name that it asks for", async () => {
  const target = { url: "http://web.example:8080/health?x=1", connect: { host: "127.0.0.1", port: Number(new URL(url).port) } };
  expect(await once(target)).toMatchObject({ kind: "answer", status: 200 });
  expect(asked).toEqual([{ host: "web.example:8080", path: "/health?x=1" }]);
});

test("it follows nothing: where it is sent to is said", async () => {
  mood = (response) => response.writeHead(302, { location: "/login" }).end();
  expect(inWords(await once())).toBe("302 → /login");
});

test("it is over when nobody answers in time", async () => {
  mood = () => undefined;
  expect(inWords(await once({}, 100))).toBe("no answer within 0.1 s");
});

test("it tells a refused connection from one that was closed under way", async () => {
  mood = (response) => response.socket?.resetAndDestroy();
  expect(await once()).toMatchObject({ kind: "reset" });
  server.close();
  server.closeAllConnections();
  expect(await once()).toMatchObject({ kind: "none", reason: expect.stringContaining("ECONNREFUSED") });
});

test.each<[Answer, number | undefined, boolean]>([
  [{ kind: "answer", status: 200, ms: 1 }, undefined, true],
  [{ kind: "answer", status: 302, ms: 1 }, undefined, true],
  [{ kind: "answer", status: 404, ms: 1 }, undefined, false],
  [{ kind: "answer", status: 404, ms: 1 }, 404, true],
  [{ kind: "answer", status: 200, ms: 1 }, 204, false],
  [{ kind: "none", reason: "refused" }, undefined, false],
  [{ kind: "reset", reason: "reset" }, undefined, false],
])("%j is as expected where %j is asked for: %j", (answer, status, expected) => {
  expect(isExpected(answer, status)).toBe(expected);
});
