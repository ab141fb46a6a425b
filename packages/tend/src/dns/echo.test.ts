import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createPlain, type RequestListener } from "node:http";
import { createServer as createSecure } from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Transport } from "../transport/transport.ts";
import { addressIn, askEcho } from "./echo.ts";

const known = getCACertificates("default");
const servers: Server[] = [];
let folder: string;

/** A certificate for `ip.example` that Node trusts meanwhile. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tend-echo-"));
  const files = ["-keyout", join(folder, "key"), "-out", join(folder, "crt")];
  const name = ["-subj", "/CN=ip.example", "-addext", "subjectAltName=DNS:ip.example"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...name, ...files], {
    stdio: "ignore",
  });
  setDefaultCACertificates([...known, readFileSync(join(folder, "crt"), "utf8")]);
});
afterAll(async () => {
  setDefaultCACertificates(known);
  rmSync(folder, { recursive: true });
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
});

/** Asks by way of a host that reaches the page wherever it says it is. */
async function ask(url: string, answer: RequestListener): Promise<string> {
  const [key, cert] = ["key", "crt"].map((file) => readFileSync(join(folder, file)));
  const server = url.startsWith("https:") ? createSecure({ key, cert }, answer) : createPlain(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const transport = { connect: async () => connect({ host: "127.0.0.1", port }) } as Partial<Transport> as Transport;
  return askEcho(new URL(url), transport, AbortSignal.timeout(5000));
}

test.each(["http://ip.example", "https://ip.example"])("%s says where a host comes from", async (url) => {
  const names: (string | undefined)[] = [];
  const page: RequestListener = ({ headers }, response) => {
    names.push(headers.host);
    response.end("203.0.113.7\n");
  };
  expect(await ask(url, page)).toBe("203.0.113.7");
  expect(names).toEqual(["ip.example"]);
});

test("a page that isn't who it says it is isn't believed", async () => {
  await expect(ask("https://other.example", (_, response) => response.end("203.0.113.7"))).rejects.toThrow("other.example");
});

test("a page that is out of order isn't believed", async () => {
  const broken: RequestListener = (_, response) => response.writeHead(502).end("nginx at 192.0.2.1");
  await expect(ask("http://ip.example", broken)).rejects.toThrow("ip.example answered 502");
});

test.each([
  ["203.0.113.7\n", "203.0.113.7"],
  ['{"ip":"203.0.113.7"}', "203.0.113.7"],
  ["<html><body>Current IP Address: 203.0.113.7</body></html>", "203.0.113.7"],
  ["2001:DB8::7", "2001:db8::7"],
])("an address is found in what a page says: %j", (text, address) => {
  expect(addressIn(text)).toBe(address);
});

test("none is made up where a page has none", () => {
  expect(() => addressIn("<h1>502 Bad Gateway</h1> nginx/1.22.1")).toThrow("no address");
});
