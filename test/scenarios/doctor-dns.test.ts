import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { doctor, walksInto } from "../lab/doctor.ts";
import { lab, labHostOfThisWorker, on } from "../lab/lab.ts";
import { NameServer } from "../lab/name-server.ts";
import { running, type Skriptoteket } from "../lab/skriptoteket.ts";

const HOST = labHostOfThisWorker();
const ZONE = "skriptoteket.example";
const WEB = "hemma/skriptoteket/web";
const PASSWORD = "canary7Hq2vXw9";
const OLD = "198.51.100.4";
/** Where the host reaches this machine's fake provider: through a tunnel. */
const TUNNEL = 18_095;

/**
 * The app with its domain in a real DNS: two name servers, the second with copies of the first, and a provider that takes
 * updates as Namecheap and dyndns2 do, and hands them on to the first.
 */
describe("names", () => {
  let app: Skriptoteket;
  let first: NameServer;
  let second: NameServer;
  let provider: Server;
  let tunnel: ChildProcess;
  let address: string;
  let providerUrl: string;
  /** What the provider says to whoever asks: `good`, `badauth`; and where it sees them. */
  let mood = "good";
  let seenFrom = "";
  const asked: string[] = [];
  const zones = () => [{ name: ZONE, records: `@ A ${address}` }];

  beforeAll(async () => {
    app = await running(HOST, "nginx-proxy");
    address = app.address;
    expect((await app.workshop.tend("deploy", "skriptoteket")).exit).toBe(0);
    first = await NameServer.start(zones());
    second = await first.second(zones());
    provider = createServer(
      (request, response) => void provide(new URL(`http://x${request.url}`)).then((body) => response.end(body)),
    );
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    const { port } = provider.address() as { port: number };
    providerUrl = `http://127.0.0.1:${port}/update`;
    tunnel = spawn("ssh", ["-F", lab().sshConfig, "-N", "-R", `127.0.0.1:${TUNNEL}:127.0.0.1:${port}`, HOST], {
      stdio: "ignore",
    });
    await on(HOST, "cat >/usr/sbin/ddclient && chmod 755 /usr/sbin/ddclient", await readFile("/usr/bin/ddclient", "utf8"));
    await declare();
  }, 180_000);

  afterAll(async () => {
    tunnel?.kill();
    provider?.close();
    await second?.close();
    await first?.close();
    await app?.close();
  });

  async function provide(url: URL): Promise<string> {
    asked.push(`${url.pathname}${url.search}`);
    if (url.pathname === "/ip") return `<p>You come from <b>${seenFrom}</b>.</p>`;
    const ip = url.searchParams.get("ip") ?? url.searchParams.get("myip") ?? "";
    const isNamecheap = url.searchParams.has("password");
    if (mood === "good") await set(`del ${ZONE} A`, `add ${ZONE} 60 A ${ip}`);
    if (!isNamecheap) return mood === "good" ? `good ${ip}\n` : `${mood}\n`;
    const errors = mood === "good" ? "" : `<errors><Err1>Passwords do not match</Err1></errors>`;
    return `<interface-response><ErrCount>${mood === "good" ? 0 : 1}</ErrCount>${errors}</interface-response>`;
  }

  /** As somebody else would change the zone; the second server has it, too, when this is done. */
  async function set(...lines: readonly string[]): Promise<void> {
    await first.change(ZONE, ...lines);
    await expect.poll(() => second.ask(ZONE, "SOA"), { timeout: 20_000 }).toBe(await first.ask(ZONE, "SOA"));
  }
  const setBack = () => set(`del ${ZONE} A`, `del ${ZONE} AAAA`, `add ${ZONE} 60 A ${address}`);

  async function declare(dns = "", host = `, addresses: [${address}]`, servers = [first.at, second.at]): Promise<void> {
    await app.workshop.declareSkriptoteket(
      address,
      "nginx-proxy",
      ["hemma"],
      (yaml) =>
        `${yaml.replace(/(hemma: \{ ssh: \[[^\]]+\])/, `$1${host}`)}dns:\n  servers: [${servers.map((one) => `"${one}"`).join(", ")}]\n${dns}`,
    );
  }

  async function tend(...args: readonly string[]): Promise<{ readonly exit: number; readonly said: string }> {
    const { exit, stdout, stderr } = await app.workshop.tend(...args);
    expect(stdout + stderr).not.toContain(PASSWORD);
    expect(stdout + stderr).not.toContain(first.secret);
    return { exit, said: stdout + stderr };
  }

  async function noSecretOnTheHost(): Promise<void> {
    for (const secret of [PASSWORD, first.secret]) {
      expect(await on(HOST, `grep -rlF -e '${secret}' ~/.local/state/tend || true`)).toBe("");
    }
  }

  it("that lead to their host are no finding", async () => {
    const { findings, unknown, crashed } = await doctor(app.workshop);
    expect(findings.filter(({ severity }) => severity !== "info")).toEqual([]);
    expect([...unknown.filter(({ id }) => id.startsWith("dns.")), ...crashed]).toEqual([]);
    const { exit, said } = await tend("dns", "check");
    expect([exit, said]).toEqual([0, expect.stringMatching(new RegExp(`${ZONE} +A ${address} +leads to hemma`))]);
    expect((await tend("dns", "update", "skriptoteket")).said).toContain("nothing to change");
  });

  it.each([
    {
      name: "the A record still has the old server's address",
      finds: "dns.mismatch",
      on: WEB,
      inject: () => set(`del ${ZONE} A`, `add ${ZONE} 60 A ${OLD}`),
      undo: () => setBack(),
    },
    {
      name: "a stale AAAA record leads elsewhere, the A record is right",
      finds: "dns.stale-aaaa",
      on: WEB,
      inject: () => set(`add ${ZONE} 60 AAAA 2001:db8::dead`),
      undo: () => setBack(),
    },
    {
      name: "the domain has no address",
      finds: "dns.missing",
      on: WEB,
      inject: () => set(`del ${ZONE} A`),
      undo: () => setBack(),
    },
    {
      name: "one of the name servers has an old copy of the zone",
      finds: "dns.disagree",
      on: WEB,
      inject: () => second.serve([{ name: ZONE, records: `@ A ${OLD}` }]),
      undo: () => second.serve(zones(), first),
    },
    {
      name: "one of the name servers doesn't know the zone any more",
      finds: "dns.lame",
      on: WEB,
      inject: () => second.serve([{ name: "another.example", records: "" }]),
      undo: () => second.serve(zones(), first),
    },
    {
      name: "the provider shares one address among its customers (CGNAT)",
      finds: "dns.cgnat",
      on: "hemma",
      inject: () => set(`del ${ZONE} A`, `add ${ZONE} 60 A 100.72.1.9`),
      undo: () => setBack(),
    },
    {
      name: "ddclient's password was refused",
      finds: "dns.ddns.failed",
      on: `hemma/ddclient/${ZONE}`,
      inject: () => ddclient("badauth"),
      undo: () => on(HOST, "rm -f /var/cache/ddclient/*"),
    },
    {
      name: "ddclient believes its cache, and DNS says something else",
      finds: "dns.ddns.stuck",
      on: `hemma/ddclient/${ZONE}`,
      inject: async () => {
        await ddclient("good");
        await set(`del ${ZONE} A`, `add ${ZONE} 60 A ${OLD}`);
      },
      undo: async () => {
        await on(HOST, "rm -f /var/cache/ddclient/*");
        await setBack();
      },
    },
    {
      name: "ddclient is switched on, and doesn't run",
      finds: "dns.ddns.down",
      on: "hemma/ddclient",
      inject: () =>
        on(
          HOST,
          "printf '[Service]\\nExecStart=/bin/sleep 1d\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/ddclient.service && systemctl -q enable ddclient",
        ),
      undo: () => on(HOST, "systemctl -q disable ddclient; rm /etc/systemd/system/ddclient.service"),
    },
  ])("$name", (fault) => walksInto(app.workshop, fault), 60_000);

  /** The real one, with its real cache, and a provider that it believes to be its own. */
  async function ddclient(answer: string): Promise<void> {
    mood = answer;
    await on(
      HOST,
      `mkdir -p /var/cache/ddclient && cat >/etc/ddclient.conf && chmod 600 /etc/ddclient.conf && { ddclient -daemon=0 -foreground -force || true; }`,
      `ssl=no\nuse=ip, ip=${address}\nprotocol=dyndns2, server=127.0.0.1:${TUNNEL}, login=me, password='${PASSWORD}' ${ZONE}\n`,
    );
    mood = "good";
  }

  it("that nobody answers for are not known, and no finding", async () => {
    await declare("", undefined, ["127.0.0.1:9"]);
    const { findings, unknown } = await doctor(app.workshop);
    expect(findings.filter(({ severity }) => severity !== "info")).toEqual([]);
    expect(unknown.map(({ id }) => id)).toContain("dns.mismatch");
    await declare();
  });

  describe("are set", () => {
    const lead = (...more: readonly string[]) => set(`del ${ZONE} A`, `add ${ZONE} 60 A ${OLD}`, ...more);
    const said = async () => [await first.ask(ZONE, "A"), await second.ask(ZONE, "A"), await first.ask(ZONE, "AAAA")];

    it("by a signed update: the plan shows it, both name servers have it, the journal tells of it", async () => {
      const key = join(app.workshop.folder, "zone.key");
      await writeFile(key, `key "tend" {\n\talgorithm hmac-sha256;\n\tsecret "${first.secret}";\n};\n`, { mode: 0o600 });
      await declare(`  rfc2136: { server: "${first.at}", zone: ${ZONE}, key: zone.key }\n`);
      await lead(`add ${ZONE} 60 AAAA 2001:db8::dead`);
      const planned = await tend("dns", "update", "skriptoteket", "--dry-run");
      expect(planned.said).toContain(`A ${OLD}, AAAA 2001:db8::dead → A ${address}, no AAAA`);
      expect(await said()).toEqual([OLD, OLD, "2001:db8::dead"]);
      expect(await tend("dns", "update", "skriptoteket")).toMatchObject({
        exit: 0,
        said: expect.stringContaining("all name servers that answer say so"),
      });
      expect(await said()).toEqual([address, address, ""]);
      expect((await tend("journal", "@hemma")).said).toMatch(/update the names that lead to hemma .* done/);
      expect((await tend("dns", "check")).exit).toBe(0);
      await noSecretOnTheHost();
    });

    it("not with a key that the server doesn't take, nor with one that others may read", async () => {
      await lead();
      const key = join(app.workshop.folder, "zone.key");
      await writeFile(key, `tend:${Buffer.from("no".repeat(16)).toString("base64")}`);
      const refused = await tend("dns", "update", "skriptoteket");
      expect(refused).toMatchObject({ exit: 1, said: expect.stringContaining("BADSIG") });
      await writeFile(join(app.workshop.folder, "open.key"), "tend:bm8=", { mode: 0o644 });
      await declare(`  rfc2136: { server: "${first.at}", zone: ${ZONE}, key: open.key }\n`);
      const open = await tend("dns", "update", "skriptoteket");
      expect(open).toMatchObject({ exit: 5, said: expect.stringContaining("others may read it") });
      expect(await said()).toEqual([OLD, OLD, ""]);
    });

    it("at Namecheap: the password is in the request, and nowhere else", async () => {
      await writeFile(join(app.workshop.folder, "password"), `${PASSWORD}\n`, { mode: 0o600 });
      await declare(`  namecheap: { domain: ${ZONE}, password: { file: password }, url: "${providerUrl}" }\n`);
      await lead();
      asked.splice(0);
      expect(await tend("dns", "update", "skriptoteket", "--dry-run")).toMatchObject({ exit: 0 });
      expect(asked).toEqual([]);
      mood = "wrong";
      const refused = await tend("dns", "update");
      expect(refused).toMatchObject({ exit: 1, said: expect.stringContaining("Passwords do not match") });
      mood = "good";
      expect((await tend("dns", "update", "--json")).exit).toBe(0);
      expect(asked).toEqual(Array(2).fill(`/update?host=%40&domain=${ZONE}&password=${PASSWORD}&ip=${address}`));
      expect(await said()).toEqual([address, address, ""]);
      expect(await tend("journal", "@hemma")).toMatchObject({ exit: 0 });
      await set(`add ${ZONE} 60 AAAA 2001:db8::dead`);
      const left = await tend("dns", "update");
      expect(left).toMatchObject({ exit: 5, said: expect.stringContaining("changes A records only") });
      await setBack();
      await noSecretOnTheHost();
    });

    it("by ddclient, though its cache says that all is well", async () => {
      await declare("  ddclient: { host: hemma }\n");
      await ddclient("good");
      await lead();
      const { findings } = await doctor(app.workshop, "--only", "dns");
      expect(findings).toMatchObject([{ id: "dns.ddns.stuck", fix: { operation: "tend dns update skriptoteket" } }]);
      expect(await tend("dns", "update", "skriptoteket")).toMatchObject({ exit: 0 });
      expect(await said()).toEqual([address, address, ""]);
      mood = "badauth";
      await lead();
      expect(await tend("dns", "update", "skriptoteket")).toMatchObject({ exit: 1, said: expect.stringContaining("badauth") });
      mood = "good";
      await on(HOST, "rm -f /var/cache/ddclient/* /etc/ddclient.conf");
      await noSecretOnTheHost();
      await setBack();
    });
  });

  it("of a host behind a router are held against what a page says where it comes from", async () => {
    seenFrom = "203.0.113.77";
    await declare(`  echo: "http://127.0.0.1:${TUNNEL}/ip"\n`, "");
    await set(`del ${ZONE} A`, `add ${ZONE} 60 A ${OLD}`);
    const { findings } = await doctor(app.workshop, "--only", "dns");
    expect(findings).toMatchObject([{ id: "dns.mismatch", title: `${ZONE} leads to ${OLD}, not to hemma (203.0.113.77)` }]);
    await set(`del ${ZONE} A`, `add ${ZONE} 60 A ${seenFrom}`);
    expect((await tend("dns", "check")).exit).toBe(0);
    await setBack();
  });
});
