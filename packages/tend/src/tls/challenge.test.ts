import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { askFor, CHALLENGE } from "./challenge.ts";

const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve)))));

async function serve(answer: RequestListener) {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

describe("a challenge's file", () => {
  test("is asked for under the domain's name, and right when it has its own name in it", async () => {
    const asked: (string | undefined)[] = [];
    const at = await serve((request, response) => {
      asked.push(request.headers.host, request.url);
      response.end("token\n");
    });
    expect(await askFor("token", "a.example", at)).toEqual({ kind: "answered", status: 200, right: true });
    expect(asked).toEqual(["a.example", `${CHALLENGE}token`]);
  });

  test("is wrong when an app answers with a page of its own", async () => {
    const at = await serve((_, response) => response.end("<html>".repeat(10_000)));
    expect(await askFor("token", "a.example", at)).toMatchObject({ status: 200, right: false });
  });

  test("is followed within the domain, and not to another one", async () => {
    const at = await serve((request, response) => {
      if (request.url === "/there?by=1") response.end("token");
      else response.writeHead(301, { location: "/there?by=1" }).end();
    });
    expect(await askFor("token", "a.example", at)).toMatchObject({ right: true });
    const away = await serve((_, response) => response.writeHead(302, { location: "http://b.example/" }).end());
    expect(await askFor("token", "a.example", away)).toMatchObject({ status: 302, right: false, location: "http://b.example/" });
  });

  test("is followed no more than three times", async () => {
    let times = 0;
    const at = await serve((_, response) => {
      times += 1;
      response.writeHead(302, { location: "/again" }).end();
    });
    expect(await askFor("token", "a.example", at)).toMatchObject({ status: 302 });
    expect(times).toBe(4);
  });

  test("is given up where the answer comes to no end", async () => {
    const at = await serve((_, response) => {
      const dripping = setInterval(() => response.write("."), 100);
      response.once("close", () => clearInterval(dripping));
    });
    expect(await askFor("token", "a.example", at)).toEqual({ kind: "silent", why: "ETIMEDOUT" });
  }, 8000);

  test("is not there where nothing listens", async () => {
    const at = await serve(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await askFor("token", "a.example", at)).toEqual({ kind: "silent", why: "ECONNREFUSED" });
  });
});
