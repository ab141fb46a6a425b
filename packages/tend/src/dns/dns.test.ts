import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseFleet } from "../config/parse-fleet.ts";
import { ROOT } from "../machine/root.ts";
import { Secret } from "../transport/secret.ts";
import type { Transport } from "../transport/transport.ts";
import { doDnsAction, secretOf } from "./act.ts";
import { frontsOf, isCarrierNat, isPublic, readInterfaces } from "./addresses.ts";
import { ddclientScript, forceScript, isAbout, readDdclient, wentThrough } from "./ddclient.ts";
import { domainsOf } from "./domains.ts";
import { keeperOf } from "./keeper.ts";
import { reachedAt } from "./reached.ts";
import { parseTsigKey } from "./tsig-key.ts";

describe("addresses", () => {
  test.each(["203.0.113.7", "100.128.0.1", "2001:db8::7", "172.32.0.1"])("%s is public", (one) => {
    expect(isPublic(one)).toBe(true);
  });
  test.each(["10.0.0.1", "100.64.0.1", "192.168.1.1", "172.31.0.1", "169.254.1.1", "127.0.0.1", "fd00::1", "fe80::1", "::1"])(
    "%s isn't",
    (one) => {
      expect(isPublic(one)).toBe(false);
    },
  );

  test("that providers share are 100.64.0.0/10, and no more", () => {
    expect(["100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"].map(isCarrierNat)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("of what stands in front are Cloudflare's, and the declared networks'", () => {
    const isFront = frontsOf(["198.51.100.0/24", "2001:db8:1::/48"]);
    expect(["104.16.1.1", "2606:4700::1", "198.51.100.9", "2001:db8:1::5"].map(isFront)).toEqual([true, true, true, true]);
    expect(["203.0.113.7", "2001:db8:2::5"].map(isFront)).toEqual([false, false]);
  });

  test("of a host are those of its own interfaces, not the loop's, Docker's or a link's", () => {
    const said = `4 lo 127.0.0.1/8
4 eth0 203.0.113.7/24
4 docker0 172.17.0.1/16
4 br-ef96d96bbe1c 172.18.0.1/16
6 eth0 20010db8000000000000000000000007 00
6 eth0 fe80000000000000dc5da2fffe31f6d6 20
outward eth0
`;
    expect(readInterfaces(said)).toEqual({
      outward: "eth0",
      addresses: [
        { interface: "eth0", address: "203.0.113.7" },
        { interface: "eth0", address: "2001:db8::7" },
      ],
    });
  });
});

const FLEET = `fleet: home
hosts: { hemma: { ssh: hemma }, box: { ssh: box, addresses: [203.0.113.7] } }
proxies: { edge: { host: hemma, kind: nginx, container: nginx, url: "http://10.0.0.5" } }
dns:
  namecheap: { domain: home.se, password: { env: X } }
  rfc2136: { server: ns1.home.se, zone: lab.home.se, key: key }
  ddclient: { host: hemma }
`;
const fleetWith = (text: string, head = FLEET) => parseFleet(head + text, "/home/me/tend.yaml");

describe("where a host is reached", () => {
  const { hosts } = fleetWith("");
  const [hemma, box] = [...hosts.values()];
  const never = () => {
    throw new Error("it needn't be asked");
  };
  const on = (...addresses: readonly string[]) => ({ addresses: addresses.map((address) => ({ interface: "eth0", address })) });

  test("is declared, else its own, else what a page says", () => {
    expect(reachedAt(box as never, on("10.0.0.5", "198.51.100.1"), never)).toMatchObject({
      a: ["203.0.113.7"],
      from: "declared",
    });
    expect(reachedAt(hemma as never, on("10.0.0.5", "198.51.100.1"), never)).toMatchObject({ a: ["198.51.100.1"] });
    expect(reachedAt(hemma as never, on("10.0.0.5"), () => ({ address: "203.0.113.9", by: "ip.example" }))).toMatchObject({
      a: ["203.0.113.9"],
      from: "as ip.example sees it",
    });
    expect(reachedAt(hemma as never, on("10.0.0.5"), () => undefined).a).toBeUndefined();
  });
});

describe("domains", () => {
  const app = (domain: string, proxy = "") =>
    `apps: { a: { host: box, path: ~/a, services: { web: { route: { domain: ${domain}${proxy} } }, api: { route: { domain: ${domain}, path: /api } } } } }\n`;
  const domains = (text: string, head = FLEET) => {
    const fleet = fleetWith(text, head);
    return domainsOf(fleet, [...fleet.apps.values()]);
  };

  test("are asked for once each, though several services share one", () => {
    expect(domains(app("app.home.se")).map(({ name, of, skip }) => [name, of.length, skip])).toEqual([
      ["app.home.se", 2, undefined],
    ]);
  });

  test.each(["app.example", "app.home.arpa", "app.local", "a.example.com", "intranet"])(
    "%s isn't: no public DNS has it",
    (name) => {
      expect(domains(app(name))[0]?.skip).toMatch(/public DNS/);
    },
  );

  test("are, whatever they are called, where it is declared who knows them", () => {
    const servers = FLEET.replace("dns:\n", "dns:\n  servers: [192.0.2.53]\n");
    expect(domains(app("app.example"), servers)[0]?.skip).toBeUndefined();
  });

  test("aren't where the proxy is declared with a url of its own", () => {
    const text = "apps: { a: { host: hemma, path: ~/a, services: { web: { route: { domain: app.home.se } } } } }\n";
    expect(domains(text)[0]?.skip).toContain("url of its own");
  });

  test("have the nearest keeper; ddclient is for what nobody else keeps", () => {
    const fleet = fleetWith("");
    const [hemma, box] = [...fleet.hosts.values()];
    const kindOf = (name: string, host = hemma) => keeperOf(fleet, host as never, name)?.kind;
    expect(["home.se", "a.b.home.se", "x.lab.home.se", "nohome.se"].map((name) => kindOf(name))).toEqual([
      "namecheap",
      "namecheap",
      "rfc2136",
      "ddclient",
    ]);
    expect(kindOf("nohome.se", box)).toBeUndefined();
  });
});

describe("ddclient's cache", () => {
  test("is read in the forms of its versions; what isn't told is undefined", () => {
    const said = `service enabled , active
entry host=Home.se,ip=203.0.113.7,mtime=1795183648,atime=1795183700,status=good,
entry host=new.home.se,ipv4=203.0.113.8,ip=,mtime=0,status-ipv4=noconnect,
entry host=,ip=1.2.3.4,
`;
    expect(readDdclient(said)).toEqual({
      installed: true,
      enabled: "enabled",
      active: "active",
      unreadable: false,
      remembers: [
        { host: "home.se", ip: "203.0.113.7", status: "good", updated: 1795183648, tried: 1795183700 },
        { host: "new.home.se", ip: "203.0.113.8", status: "noconnect", updated: 0, tried: 0 },
      ],
    });
    expect(readDdclient("absent\n")).toMatchObject({ installed: false, remembers: [] });
    expect(readDdclient("service  , \n")).toMatchObject({ installed: true, enabled: "", active: "" });
  });
});

describe("an entry of ddclient's cache", () => {
  test.each([
    ["app.home.se", "app.home.se", "home.se", true],
    ["app", "app.home.se", "home.se", true],
    ["app", "application.home.se", "home.se", false],
    ["home.se", "app.home.se", "home.se", false],
    ["@", "home.se", "home.se", true],
    ["@", "app.home.se", "home.se", false],
    ["@", "home.se", undefined, true],
  ])("%s is about %s in %s: %s", (host, record, zone, is) => {
    expect(isAbout({ host, updated: 0, tried: 0 }, record, zone)).toBe(is);
  });

  test("went through where its provider said so, or where it keeps no such thing", () => {
    const through = (status?: string) => wentThrough({ host: "home.se", status, updated: 0, tried: 0 });
    expect([undefined, "good", "nochg", "badauth", "noconnect"].map(through)).toEqual([true, true, true, false, false]);
  });

  test("is asked for without a word to sudo by who may not use it", () => {
    const said = (script: typeof forceScript) => script.text.match(/sudo -n/g)?.length;
    expect([ddclientScript, forceScript].map(said)).toEqual([ROOT, ROOT].map(said));
  });
});

describe("a TSIG key", () => {
  const SECRET = Buffer.from("x".repeat(16)).toString("base64");
  test.each([
    [`key "Tend." { algorithm hmac-sha512; secret "${SECRET}"; };`, "hmac-sha512"],
    [`key tend {\n  algorithm HMAC-MD5.SIG-ALG.REG.INT;\n  secret "${SECRET}";\n};`, "hmac-md5"],
    [`key:\n  - id: tend.\n    algorithm: hmac-sha384\n    secret: ${SECRET}`, "hmac-sha384"],
    [`hmac-sha1.:tend:${SECRET}`, "hmac-sha1"],
    [`tend:${SECRET}`, "hmac-sha256"],
  ])("is read from %j", (text, algorithm) => {
    expect(parseTsigKey(new Secret(text), "key")).toMatchObject({ name: "tend", algorithm });
  });

  test("that is none is refused before anything is begun", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tend-key-"));
    const key = join(folder, "key");
    writeFileSync(key, "hello\n", { mode: 0o600 });
    await expect(secretOf({ kind: "rfc2136", server: "ns1", zone: "home.se", key, ttl: 60 })).rejects.toThrow("has no TSIG key");
    rmSync(folder, { recursive: true });
  });

  test("of a kind that isn't known is said to be one", () => {
    expect(() => parseTsigKey(new Secret(`key a { algorithm hmac-sha256-128; secret "${SECRET}"; };`), "key")).toThrow(
      "kind hmac-sha256-128",
    );
  });
});

describe("waiting until name servers agree", () => {
  test("ends with what they say, when its time is over", async () => {
    const action = {
      kind: "agree",
      name: "app.example",
      servers: ["127.0.0.1:9"],
      records: { a: ["203.0.113.7"] },
      deadline: 1,
    } as const;
    expect(await doDnsAction(action, {} as Transport)).toMatchObject({
      ok: false,
      failure: {
        parts: {
          id: "dns.unchanged",
          title: "not all name servers of app.example say A 203.0.113.7",
          evidence: ["127.0.0.1:9: silent"],
        },
      },
    });
  });

  test("ends at once when it is interrupted", async () => {
    const action = { kind: "agree", name: "app.example", servers: [], deadline: 600 } as const;
    expect(await doDnsAction(action, {} as Transport, AbortSignal.abort())).toEqual({ ok: false, text: "interrupted" });
  });
});
