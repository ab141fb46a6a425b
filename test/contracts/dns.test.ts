import { createSocket } from "node:dgram";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askName, type NameSeen } from "../../packages/tend/src/dns/ask.ts";
import { setAtNamecheap } from "../../packages/tend/src/dns/namecheap.ts";
import { setByUpdate } from "../../packages/tend/src/dns/rfc2136.ts";
import { secretFrom } from "../../packages/tend/src/dns/secret-place.ts";
import { parseTsigKey } from "../../packages/tend/src/dns/tsig-key.ts";
import type { NamecheapKeeper, Records, Rfc2136Keeper } from "../../packages/tend/src/model/dns.ts";
import { Secret } from "../../packages/tend/src/transport/secret.ts";
import { hasKnot, NameServer } from "../lab/name-server.ts";

const ZONE = "home.example";
const RECORDS = `@ A 203.0.113.7
www A 203.0.113.7
www AAAA 2001:db8::7
blog CNAME www
far CNAME www.elsewhere.example.
ring CNAME round
round CNAME ring
text TXT "no address"
old A 198.51.100.4
*.wild A 203.0.113.9
tend-looks-for-a-wildcard.plain A 192.0.2.1`;
const signal = new AbortController().signal;

describe.skipIf(!hasKnot)("names, as a real name server has them", () => {
  let server: NameServer;

  beforeAll(async () => {
    server = await NameServer.start([
      { name: ZONE, records: RECORDS },
      { name: "elsewhere.example", records: "www A 192.0.2.80" },
      { name: "test", records: "" },
    ]);
  });
  afterAll(() => server?.close());

  const ask = (name: string, servers = [server.at]): Promise<NameSeen> => askName(name, { servers });
  const said = async (name: string) => (await ask(name)).servers[0];

  test("have addresses of both kinds", async () => {
    expect(await ask(`www.${ZONE}`)).toEqual({
      name: `www.${ZONE}`,
      aliases: [],
      zone: undefined,
      wildcard: false,
      servers: [{ server: server.at, outcome: "answer", a: ["203.0.113.7"], aaaa: ["2001:db8::7"], alias: undefined }],
    });
  });

  test("that are not there differ from those without an address, and from those that are another's business", async () => {
    expect(await said(`nobody.${ZONE}`)).toMatchObject({ outcome: "none", a: [], aaaa: [] });
    expect(await said(`text.${ZONE}`)).toMatchObject({ outcome: "answer", a: [], aaaa: [] });
    expect(await said("somebody-elses.example")).toMatchObject({ outcome: "refused" });
  });

  test("are followed through their aliases, into other zones too, but not in circles", async () => {
    expect(await ask(`blog.${ZONE}`)).toMatchObject({ aliases: [`www.${ZONE}`], servers: [{ a: ["203.0.113.7"] }] });
    expect(await ask(`far.${ZONE}`)).toMatchObject({ aliases: ["www.elsewhere.example"], servers: [{ a: ["192.0.2.80"] }] });
    expect((await ask(`ring.${ZONE}`)).trouble).toContain("round in circles");
  });

  test("may come from a wildcard", async () => {
    expect(await ask(`any.wild.${ZONE}`)).toMatchObject({ wildcard: true, servers: [{ a: ["203.0.113.9"] }] });
    expect(await ask(ZONE)).toMatchObject({ wildcard: false });
  });

  test("are silence where nobody answers, within seconds", async () => {
    const mute = createSocket("udp4");
    await new Promise<void>((resolve) => mute.bind(0, "127.0.0.1", resolve));
    const began = performance.now();
    const { servers } = await ask(`www.${ZONE}`, [server.at, "127.0.0.1:9", `127.0.0.1:${mute.address().port}`]);
    mute.close();
    expect(servers.map(({ outcome }) => outcome)).toEqual(["answer", "silent", "silent"]);
    expect(performance.now() - began).toBeLessThan(8000);
  });

  test("are asked for at those who are responsible, found from the name upward", async () => {
    const system = [server.at];
    expect(await askName(`www.${ZONE}`, { servers: [], system })).toMatchObject({
      zone: ZONE,
      servers: [{ server: `ns1.${ZONE} (127.0.0.1)`, outcome: "answer", a: ["203.0.113.7"] }],
    });
    expect((await askName("www.somebody-elses.example", { servers: [], system })).trouble).toContain("REFUSED");
    expect(await askName("www.nobodys.test", { servers: [], system })).toMatchObject({ undelegated: true });
  });

  test("are nobody's only where the registry says so: a resolver that is cut off knows no name at all", async () => {
    const cutOff = await NameServer.start([{ name: ".", records: "" }]);
    const seen = await askName(`www.${ZONE}`, { servers: [], system: [cutOff.at] });
    await cutOff.close();
    expect(seen).not.toHaveProperty("undelegated");
    expect(seen.trouble).toContain("doesn't even know .example");
  });

  describe("change by a signed update", () => {
    const keeper = (): Rfc2136Keeper => ({ kind: "rfc2136", server: server.at, zone: ZONE, key: "key", ttl: 60 });
    const set = (
      name: string,
      records: Records,
      key = `hmac-sha256:tend:${server.secret}`,
      change: Partial<Rfc2136Keeper> = {},
    ) => setByUpdate({ ...keeper(), ...change }, name, records, parseTsigKey(new Secret(key), "key"), signal);

    test("all of a kind at once; what isn't mentioned stays", async () => {
      await set(`old.${ZONE}`, { a: ["203.0.113.7", "203.0.113.8"] });
      expect((await server.ask(`old.${ZONE}`, "A")).split("\n").sort()).toEqual(["203.0.113.7", "203.0.113.8"]);
      await set(`www.${ZONE}`, { aaaa: ["2001:db8:0:1::8"] });
      expect(await server.ask(`www.${ZONE}`, "AAAA")).toBe("2001:db8:0:1::8");
      expect(await server.ask(`www.${ZONE}`, "A")).toBe("203.0.113.7");
      await set(`www.${ZONE}`, { a: ["203.0.113.9"], aaaa: [] });
      expect([await server.ask(`www.${ZONE}`, "A"), await server.ask(`www.${ZONE}`, "AAAA")]).toEqual(["203.0.113.9", ""]);
    });

    test("with the key in any form that its tools write", async () => {
      const bind = `key "tend" {\n\talgorithm hmac-sha256;\n\tsecret "${server.secret}";\n};\n`;
      const knot = `# hmac-sha256:tend:${server.secret}\nkey:\n  - id: tend\n    algorithm: hmac-sha256\n    secret: ${server.secret}\n`;
      for (const [at, key] of [bind, knot, `tend:${server.secret}`].entries()) {
        await set(`new-${at}.${ZONE}`, { a: ["203.0.113.7"] }, key);
        expect(await server.ask(`new-${at}.${ZONE}`, "A")).toBe("203.0.113.7");
      }
    });

    test.each([
      ["another key", () => `hmac-sha256:tend:${Buffer.from("x".repeat(32)).toString("base64")}`, {}, "dns.refused", "BADSIG"],
      ["a key that it doesn't know", () => `hmac-sha256:other:${server.secret}`, {}, "dns.refused", "BADKEY"],
      [
        "a zone that isn't its own",
        () => `hmac-sha256:tend:${server.secret}`,
        { zone: "nobodys.example" },
        "dns.refused",
        "NOTAUTH",
      ],
      ["nobody there", () => `hmac-sha256:tend:${server.secret}`, { server: "127.0.0.1:9" }, "dns.unreachable", "ECONNREFUSED"],
    ])("not with %s: it says why", async (_, key, change, id, says) => {
      const failure = await set(`no.${ZONE}`, { a: ["203.0.113.7"] }, key(), change).catch((error: unknown) => error);
      expect(failure).toMatchObject({ id });
      expect(JSON.stringify((failure as { parts: unknown }).parts)).toContain(says);
      expect(await server.ask(`no.${ZONE}`, "A")).toBe("");
    });

    test("not with a file that has no key", async () => {
      expect(() => parseTsigKey(new Secret("hello"), "~/key")).toThrow("~/key has no TSIG key");
      expect(() => parseTsigKey(new Secret('key a { algorithm rot13; secret "aaaa"; };'), "~/key")).toThrow("kind rot13");
    });
  });
});

describe("Namecheap", () => {
  const PASSWORD = "canary7Hq2vXw9";
  const asked: string[] = [];
  let answer: { status?: number; headers?: Record<string, string>; body: string };
  let server: Server;
  let url = "";

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/update`;
  });
  afterAll(() => server.close());

  const keeper = (): NamecheapKeeper => ({ kind: "namecheap", domain: ZONE, password: { env: "X" }, url });
  const set = (name: string, change: Partial<NamecheapKeeper> = {}) =>
    setAtNamecheap({ ...keeper(), ...change }, name, "203.0.113.7", new Secret(PASSWORD), signal);
  const wrongly = async (change: Partial<NamecheapKeeper> = {}) => {
    const failure = (await set(`www.${ZONE}`, change).catch((error: unknown) => error)) as { parts: object; stack: string };
    expect(JSON.stringify(failure.parts) + failure.stack).not.toContain(PASSWORD);
    return failure.parts;
  };
  const said = (errors: string) => `<?xml version="1.0" encoding="utf-16"?><interface-response>${errors}</interface-response>`;

  test("is told the name under its domain, and the domain itself as @", async () => {
    answer = { body: said("<Command>SETDNSHOST</Command><IP>203.0.113.7</IP><ErrCount>0</ErrCount><Done>true</Done>") };
    await set(`a.b.${ZONE}`);
    await set(ZONE);
    expect(asked.splice(0)).toEqual([
      `/update?host=a.b&domain=${ZONE}&password=${PASSWORD}&ip=203.0.113.7`,
      `/update?host=%40&domain=${ZONE}&password=${PASSWORD}&ip=203.0.113.7`,
    ]);
  });

  test("refuses with HTTP 200, and says why; the password is never repeated", async () => {
    answer = { body: said(`<ErrCount>1</ErrCount><errors><Err1>Passwords do not match: ${PASSWORD}</Err1></errors>`) };
    expect(await wrongly()).toMatchObject({ id: "dns.refused", evidence: ["Passwords do not match: [REDACTED]"] });
  });

  test("isn't followed elsewhere, and an answer that isn't understood is no success", async () => {
    asked.splice(0);
    answer = { status: 302, headers: { location: `${url}/elsewhere` }, body: "" };
    expect(await wrongly()).toMatchObject({ id: "dns.refused", evidence: ["HTTP 302, and nothing that says why"] });
    expect(asked).toHaveLength(1);
    answer = { body: "<html>Maintenance</html>" };
    expect(await wrongly()).toMatchObject({ id: "dns.refused" });
  });

  test("may be away", async () => {
    expect(await wrongly({ url: "http://127.0.0.1:9/update" })).toMatchObject({
      id: "dns.unreachable",
      title: "127.0.0.1:9 doesn't answer",
    });
  });
});

describe("a secret", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tend-secret-"));
    await writeFile(join(folder, "pw"), "s3cret\n", { mode: 0o600 });
    await writeFile(join(folder, "empty"), "", { mode: 0o600 });
    await writeFile(join(folder, "open"), "s3cret\n");
    await chmod(join(folder, "open"), 0o640);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("is in a variable, or in a file that only its owner may read", async () => {
    process.env["TEND_TEST_SECRET"] = "from-env";
    expect((await secretFrom({ env: "TEND_TEST_SECRET" }, "the password")).reveal()).toBe("from-env");
    expect((await secretFrom({ file: join(folder, "pw") }, "the password")).reveal()).toBe("s3cret");
    delete process.env["TEND_TEST_SECRET"];
  });

  test.each([
    [{ env: "TEND_TEST_SECRET" }, /is to be in \$TEND_TEST_SECRET, which isn't set/],
    [{ file: "absent" }, /can't be read: ENOENT/],
    [{ file: "empty" }, /which is empty/],
    [{ file: "open" }, /others may read it/],
  ])("is refused from %j", async (place, says) => {
    const there = "file" in place ? { file: join(folder, place.file) } : place;
    await expect(secretFrom(there, "the password")).rejects.toMatchObject({
      id: "dns.secret",
      message: expect.stringMatching(says),
    });
  });
});
