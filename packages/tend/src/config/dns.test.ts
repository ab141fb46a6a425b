import { describe, expect, test } from "vitest";
import { parseFleet } from "./parse-fleet.ts";
import { problemsOf } from "./testing.ts";

const HEAD = "fleet: home\nhosts: { hemma: { ssh: hemma } }\n";
const dnsOf = (text: string) => parseFleet(`${HEAD}dns: ${text}\n`, "/home/me/tend.yaml").dns;
const wrong = (text: string) => problemsOf(`${HEAD}dns: ${text}\n`);

describe("where names are asked for and changed", () => {
  test("needs no declaration", () => {
    expect(parseFleet(HEAD, "/home/me/tend.yaml").dns).toEqual({ servers: [], fronts: [], keepers: [] });
    expect(dnsOf("{}")).toEqual({ servers: [], fronts: [], keepers: [] });
  });

  test("has what was declared of it; secrets are files and variables here", () => {
    const dns = dnsOf(`
  servers: [192.0.2.53, "192.0.2.53:5353", "[2001:db8::53]:5353", "2001:db8::53"]
  echo: https://ip.example
  fronts: [198.51.100.0/24, "2001:db8:1::/48"]
  namecheap: [{ domain: Home.example, password: { env: DDNS } }, { domain: b.example, password: { file: pw }, url: "https://x.example/u" }]
  rfc2136: { server: "ns1.home.example:5353", zone: lab.example, key: ~/lab.key, ttl: 1m }
  ddclient: { host: hemma }`);
    expect(dns).toMatchObject({
      servers: ["192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:5353", "2001:db8::53"],
      echo: new URL("https://ip.example"),
      fronts: ["198.51.100.0/24", "2001:db8:1::/48"],
      keepers: [
        { kind: "namecheap", domain: "home.example", password: { env: "DDNS" } },
        { kind: "namecheap", domain: "b.example", password: { file: "/home/me/pw" }, url: "https://x.example/u" },
        { kind: "rfc2136", server: "ns1.home.example:5353", zone: "lab.example", ttl: 60 },
        { kind: "ddclient", host: "hemma" },
      ],
    });
    expect(dns.keepers[2]).toHaveProperty("key", expect.stringMatching(/^\/.*\/lab\.key$/));
  });

  test("never has a password in it, nor is it shown", () => {
    const { text } = wrong("{ namecheap: { domain: home.example, password: canary7Hq2vXw9 } }");
    expect(text).toContain("a password has no place in the declaration in dns.namecheap");
    expect(text).toContain("expected where it is: { env: NAME } or { file: PATH }");
    expect(text).not.toContain("canary");
  });

  test.each([
    ["{ servers: [ns1.home.example] }", "an IP address, with a port"],
    ["{ fronts: [198.51.100.7] }", "a network, such as"],
    ["{ ddclient: { host: hema } }", 'unknown host "hema"'],
    ["{ namecheap: { domain: home.example } }", "password is missing in dns.namecheap"],
    ["{ namecheap: { domain: home.example, password: {} } }", "neither env nor file is given"],
    ["{ rfc2136: { server: a, zone: b, key: c } }", "a domain alone, such as home.example"],
    [
      "{ namecheap: { domain: home.example, password: { env: X }, url: 'http://x.example/u' } }",
      "an https:// address: the password is in it",
    ],
    ["{ echo: ip.example }", "an http:// or https:// address"],
  ])("%s is a mistake", (text, says) => {
    expect(wrong(text).text).toContain(says);
  });
});

describe("a host's addresses", () => {
  const addresses = (text: string) =>
    [...parseFleet(`fleet: home\nhosts: { hemma: { ssh: hemma, addresses: ${text} } }\n`, "/tend.yaml").hosts.values()][0]
      ?.addresses;

  test("are kept in the form in which they are compared", () => {
    expect(addresses('[203.0.113.7, "2001:DB8:0:0::7", "::ffff:203.0.113.8"]')).toEqual([
      "203.0.113.7",
      "2001:db8::7",
      "203.0.113.8",
    ]);
  });

  test("are no names", () => {
    expect(problemsOf("fleet: home\nhosts: { hemma: { ssh: hemma, addresses: [hemma] } }\n").text).toContain("an IP address");
  });
});
