import { BlockList } from "node:net";
import { z } from "zod";
import { socketAddress } from "../../model/addresses.ts";
import type { SecretPlace } from "../../model/dns.ts";
import { envName, hostName } from "../../model/names.ts";
import { address, either, longDuration, named, path, section, text } from "../values.ts";

const DOMAIN = "a domain alone, such as home.example";
const LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?";
const domain = text(DOMAIN, new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})+$`)).transform((given) => given.toLowerCase());

const SERVER = "an IP address, with a port where it isn't 53, such as 192.0.2.53";
const server = z.string({ error: SERVER }).refine((given) => socketAddress(given) !== undefined, { error: SERVER });

const NETWORK = "a network, such as 198.51.100.0/24";
const network = z.string({ error: NETWORK }).refine(isNetwork, { error: NETWORK });

function isNetwork(given: string): boolean {
  const [base = "", length = ""] = given.split("/");
  if (!/^\d{1,3}$/.test(length)) return false;
  try {
    new BlockList().addSubnet(base, Number(length), base.includes(":") ? "ipv6" : "ipv4");
    return true;
  } catch {
    return false;
  }
}

const PASSWORD = "where it is: { env: NAME } or { file: PATH }";

/** It would be read by whoever reads the declaration. What it is, is said nowhere. */
const passwordItself = z
  .string()
  .transform((_, context): never => {
    context.addIssue({ code: "custom", message: PASSWORD, params: { says: "a password has no place in the declaration" } });
    return z.NEVER;
  })
  .meta({ not: {} });

const passwordPlace = section(PASSWORD, {
  env: named<"env">(envName).optional().describe("The environment variable that it is in."),
  file: path.optional().describe("The file that it is in; only you may read it."),
})
  .check(either("env", "file", PASSWORD))
  .transform(({ env, file }): SecretPlace => (env === undefined ? { file: file as string } : { env }))
  .meta({ oneOf: [{ required: ["env"] }, { required: ["file"] }] });

const password = z
  .union([passwordItself, passwordPlace], { error: PASSWORD })
  .describe("Where its dynamic DNS password is, on the machine that tend runs on.");

const HTTPS = "an https:// address";

const namecheap = section("a map with domain and password", {
  domain: domain.describe("The registered domain, for which Dynamic DNS is switched on at Namecheap."),
  password,
  url: address(HTTPS)
    .refine(({ protocol, hostname }) => protocol === "https:" || hostname === "127.0.0.1", {
      error: `${HTTPS}: the password is in it`,
    })
    .prefault("https://dynamicdns.park-your-domain.com/update")
    .describe("Where updates go. Default: Namecheap's own address."),
});

const rfc2136 = section("a map with server, zone and key", {
  server: text("a name server, such as ns1.home.example", /^[A-Za-z0-9_.:[\]-]{1,260}$/).describe(
    "The primary name server, with :PORT where it isn't 53.",
  ),
  zone: domain.describe("The zone that it takes updates of."),
  key: path.describe(
    "The file with the TSIG key, as tsig-keygen writes it, on the machine that tend runs on. Only you may read it.",
  ),
  ttl: longDuration.prefault(300).describe("How long resolvers may keep the record. Default: 5m."),
});

const ddclient = section("a map with host", {
  host: named<"host">(hostName).describe("The host on which ddclient runs."),
});

const EXPECTED = "a map with namecheap, rfc2136 or ddclient";

export const dns = section(EXPECTED, {
  servers: z
    .array(server, { error: "a list of IP addresses" })
    .optional()
    .describe(
      "The name servers to ask, where the world's are the wrong ones: behind split DNS. Default: those that are responsible for each name.",
    ),
  echo: address("an http:// or https:// address without a password")
    .optional()
    .describe(
      "A page that answers with the address of whoever asks. It is asked from each host without a public address of its own.",
    ),
  fronts: z
    .array(network, { error: "a list of networks" })
    .optional()
    .describe("Networks of a CDN or load balancer that stands in front of the hosts. Cloudflare's are known."),
  namecheap: oneOrMore(namecheap).optional().describe("Domains at Namecheap: their A records, by its Dynamic DNS."),
  rfc2136: oneOrMore(rfc2136)
    .optional()
    .describe("Zones on name servers that take dynamic updates: bind9, knot, PowerDNS and others."),
  ddclient: oneOrMore(ddclient).optional().describe("Hosts whose ddclient keeps their names: it is made to send them anew."),
}).describe("Where names are asked for, and where their records are changed.");

/** One, or a list of them. */
function oneOrMore<Value extends z.ZodType>(one: Value) {
  return z
    .union([one, z.array(one, { error: "a map, or a list of them" }).min(1, { error: "at least one" })], {
      error: "a map, or a list of them",
    })
    .transform((given) => (Array.isArray(given) ? given : [given]) as readonly z.output<Value>[]);
}
