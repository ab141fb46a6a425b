import type { NameSeen, ServerAnswer } from "../../../dns/ask.ts";
import { type Changes, cases, YAML } from "../../testing.ts";
import { cgnat } from "./cgnat.ts";
import { ddnsDown, ddnsFailed, ddnsStuck } from "./ddns.ts";
import { mismatch, missing, staleAaaa } from "./mismatch.ts";
import { disagree, lame } from "./servers.ts";

const NAME = "skriptoteket.example";
const ON = "hemma/skriptoteket/web";
const HERE = "203.0.113.7";

function answer(server: string, more: Partial<ServerAnswer> = {}): ServerAnswer {
  return { server, outcome: "answer", a: [HERE], aaaa: [], ...more };
}

const [NS1, NS2] = ["ns1.example (192.0.2.1)", "ns2.example (192.0.2.2)"];

/** The name as its two servers see it, on a host that ip.example sees at 203.0.113.7. */
function named(one: Partial<ServerAnswer>, two = one, more: Partial<NameSeen> = {}): Changes {
  const servers = [answer(NS1, one), answer(NS2, two)];
  const seen = { name: NAME, aliases: [], zone: NAME, servers, wildcard: false, ...more };
  return { names: { value: { asked: [seen], skipped: [] } }, publicAddress: { value: { address: HERE, by: "ip.example" } } };
}

const nobody = (trouble: string) => named({}, {}, { servers: [], trouble });
const silent: Changes = named({ outcome: "silent", a: [] });
const unmeasurable = {
  "no name server answers from here": silent,
  "nobody says who is responsible": nobody("nobody says who is responsible for skriptoteket.example (ETIMEOUT)"),
  "the host doesn't name its addresses": { ...named({}), addresses: { stdout: "", exit: 1, stderr: "sh: ip: not found" } },
};

/** A host with an address of its own on the internet, of both kinds. */
const SERVER = "4 eth0 203.0.113.7/24\n6 eth0 20010db8000000000000000000000007 00\noutward eth0\n";
const onTheInternet: Changes = { publicAddress: { value: undefined }, addresses: SERVER };

cases(mismatch, {
  good: {
    "it leads to the host, as ip.example sees it": named({}),
    "one server is silent": named({}, { outcome: "silent", a: [] }),
    "the host has the address itself": { ...named({}), ...onTheInternet },
    "Cloudflare stands in front": named({ a: ["104.21.3.7"], aaaa: ["2606:4700:3030::1"] }),
    "it leads to the host's private address, and is meant to": named({ a: ["10.77.0.18"] }),
    "there is no such name: that is another check's": named({ outcome: "none", a: [] }),
  },
  bad: {
    "it leads to an older address": {
      seen: named({ a: ["198.51.100.4"] }),
      on: ON,
      says: /leads to 198\.51\.100\.4, not to hemma \(203\.0\.113\.7\)/,
    },
    "it leads to an older address as well": {
      seen: named({ a: ["198.51.100.4", HERE] }),
      on: ON,
      says: "and to 198.51.100.4 as well",
    },
    "it is another name of one that does": {
      seen: named({ a: ["198.51.100.4"] }, undefined, { aliases: ["hemma.dyn.example"] }),
      on: ON,
      says: "skriptoteket.example is another name of hemma.dyn.example",
    },
    "it comes from a wildcard": { seen: named({ a: ["198.51.100.4"] }, undefined, { wildcard: true }), on: ON, says: "wildcard" },
    "the loop of the machine": { seen: named({ a: ["127.0.0.1"] }), on: ON, says: "leads to 127.0.0.1" },
  },
  unmeasurable: {
    ...unmeasurable,
    "the host's public address isn't known": { ...named({ a: ["198.51.100.4"] }), publicAddress: { value: undefined } },
  },
});

cases(staleAaaa, {
  good: {
    "there is none": named({}),
    "it is the host's own": { ...named({ aaaa: ["2001:db8::7"] }), ...onTheInternet },
  },
  bad: {
    "the host has no IPv6": { seen: named({ aaaa: ["2001:db8::dead"] }), on: ON, says: "leads to 2001:db8::dead" },
    "the host has another": {
      seen: { ...named({ aaaa: ["2001:db8::dead"] }), ...onTheInternet },
      on: ON,
      says: "its own are 2001:db8::7",
    },
    "and where the host is over IPv4 can't be told": {
      seen: { ...named({ aaaa: ["2001:db8::dead"] }), publicAddress: { value: undefined } },
      on: ON,
      says: "no public IPv6",
    },
  },
  unmeasurable,
});

cases(missing, {
  good: { "it has an address": named({}), "a wrong one": named({ a: ["198.51.100.4"] }) },
  bad: {
    "there is no such name": { seen: named({ outcome: "none", a: [] }), on: ON, says: "know no such name" },
    "it has other records only": { seen: named({ a: [] }), on: ON, says: "know it without one" },
    "the domain has expired": {
      seen: named({}, {}, { servers: [], undelegated: true, zone: undefined }),
      on: ON,
      says: "expired",
    },
    "it has IPv6 only": {
      seen: { ...named({ a: [], aaaa: ["2001:db8::7"] }), ...onTheInternet },
      on: ON,
      says: "IPv6 address only",
    },
  },
  unmeasurable,
});

cases(disagree, {
  good: { "they say the same": named({}), "one is silent": named({}, { outcome: "silent", a: [] }) },
  bad: {
    "one has an old copy": { seen: named({}, { a: ["198.51.100.4"] }), on: ON, says: `${NS2}: A 198.51.100.4, which is wrong` },
    "one doesn't know it yet": { seen: named({}, { outcome: "none", a: [] }), on: ON, says: "no address, which is wrong" },
  },
  unmeasurable,
});

cases(lame, {
  good: { "all answer": named({}), "one is silent, which may be the way": named({}, { outcome: "silent", a: [] }) },
  bad: {
    "one refuses": { seen: named({}, { outcome: "refused", a: [] }), on: ON, says: `${NS2} doesn't answer` },
    "all fail": { seen: named({ outcome: "broken", a: [] }), on: ON, says: "nobody finds it" },
  },
  unmeasurable,
});

cases(cgnat, {
  good: {
    "behind a router": named({}),
    "Tailscale's own address, and meant": {
      ...named({ a: ["100.101.1.2"] }),
      addresses: "4 eth0 192.168.1.5/24\n4 tailscale0 100.101.1.2/32\noutward eth0\n",
    },
  },
  bad: {
    "the record has the router's address": {
      seen: named({ a: ["100.72.1.9"] }),
      on: "hemma",
      says: "skriptoteket.example → 100.72.1.9",
    },
    "the host has it itself, on a mobile line": {
      seen: { ...named({}), addresses: "4 wwan0 100.72.1.9/30\noutward wwan0\n" },
      on: "hemma",
      says: "wwan0, the way out of hemma",
    },
    "ddclient has sent it": {
      seen: { ...named({}), ddclient: "service enabled , active\nentry host=www,ip=100.72.1.9,mtime=1795183648,status=good,\n" },
      on: "hemma",
      says: "ddclient has sent 100.72.1.9",
    },
  },
  unmeasurable: { "the host doesn't name its addresses": unmeasurable["the host doesn't name its addresses"] },
});

const entry = (text: string) => `service enabled , active\nentry host=${NAME},${text},\n`;
const rooted = { ...named({}), ddclient: "service enabled , active\nunreadable\n" };

cases(ddnsFailed, {
  good: { "it went through": { ...named({}), ddclient: entry(`ip=${HERE},mtime=1795183648,status=good,atime=1795183648`) } },
  bad: {
    "the password is wrong": {
      seen: { ...named({}), ddclient: entry(`atime=1795183648,ip=${HERE},mtime=0,status=badauth,status-ipv4=noconnect`) },
      on: `hemma/ddclient/${NAME}`,
      says: /badauth[\s\S]*the login or the password is wrong[\s\S]*never/,
    },
  },
  unmeasurable: { "the cache is root's": rooted, "no answer": { ddclient: { exit: 124 } } },
});

cases(ddnsStuck, {
  good: {
    "DNS has what it sent": { ...named({}), ddclient: entry(`ip=${HERE},mtime=1795183648,status=good`) },
    "DNS is right, whatever it remembers": { ...named({}), ddclient: entry("ip=198.51.100.4,mtime=1795183648,status=good") },
  },
  bad: {
    "the record was changed elsewhere": {
      seen: { ...named({ a: ["198.51.100.4"] }), ddclient: entry(`ip=${HERE},ipv4=${HERE},mtime=1795183648,status-ipv4=good`) },
      on: `hemma/ddclient/${NAME}`,
      says: "compares with its cache",
    },
    "it hasn't noticed the new address; of Namecheap it keeps the first label": {
      seen: {
        ...named({ a: ["198.51.100.4"] }),
        ddclient: "service enabled , active\nentry host=skriptoteket,ip=198.51.100.4,mtime=1795183648,status=good,\n",
      },
      on: "hemma/ddclient/skriptoteket",
      says: "holds to 198.51.100.4",
    },
  },
  unmeasurable: { "the cache is root's": rooted },
});

cases(ddnsDown, {
  good: {
    "it runs": { ddclient: "service enabled , active\n" },
    "it is switched off": { ddclient: "service disabled , inactive\n" },
  },
  bad: { "it has ended": { seen: { ddclient: "service enabled , failed\n" }, on: "hemma/ddclient", says: "(failed)" } },
  unmeasurable: { "no answer": { ddclient: { exit: 124 } } },
});

// A declared address is the host's, though nothing else knows it.
cases(mismatch, {
  yaml: YAML.replace("{ ssh: [hemma] }", "{ ssh: [hemma], addresses: [203.0.113.7] }"),
  good: { "it leads to the declared one": { ...named({}), publicAddress: { value: undefined } } },
  bad: {
    "it doesn't": {
      seen: { ...named({ a: ["198.51.100.4"] }), publicAddress: { value: undefined } },
      on: ON,
      says: "hemma is at 203.0.113.7, declared",
    },
  },
  unmeasurable,
});
