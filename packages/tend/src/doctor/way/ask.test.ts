import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ask } from "./ask.ts";

let end: () => void = () => undefined;
afterEach(() => end());

/** What is made of this answer. */
async function asked(answer: RequestListener, host = "127.0.0.1") {
  const server = createServer(answer).listen(0, host.replace(/^\[|\]$/g, ""));
  end = () => server.close();
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const over = { host, port };
  const seen = await ask({ scheme: "http", domain: "a.example", path: "/", over }, AbortSignal.timeout(4000));
  return { ...seen, to: seen.to.replace(`:${port}`, ":PORT") };
}

const page =
  (html: string): RequestListener =>
  (_, response) =>
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);

test("of a page, what its tags load is told; not what its links lead to, nor what it only names", async () => {
  const html = `<link rel=stylesheet href=http://a.example/a.css><script src='http://a.example/b.js'></script>
    <link href="http://a.example/c" rel="canonical"><img data-src="http://a.example/d.png" src="/e.png">
    <a href="http://a.example/f">f</a> <p>src="http://a.example/g"</p> <base href="http://a.example/">`;
  expect((await asked(page(html))).loads).toEqual(["http://a.example/a.css", "http://a.example/b.js", "http://a.example/"]);
});

test("a page of tags that don't end is read in time", async () => {
  const began = performance.now();
  expect(await asked(page("<img ".repeat(40_000)))).toMatchObject({ status: 200, loads: [] });
  expect(performance.now() - began).toBeLessThan(3000);
});

test.each([
  ["127.0.0.1", "127.0.0.1:PORT"],
  ["::1", "[::1]:PORT"],
  ["[::1]", "[::1]:PORT"],
])("asks at %s, and says so", async (host, to) => {
  expect(await asked(page(""), host)).toMatchObject({ status: 200, to });
});
