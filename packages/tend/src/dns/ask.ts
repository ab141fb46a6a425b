import { Resolver } from "node:dns/promises";
import { plainAddress } from "../model/addresses.ts";

/** What a name server says of a name. `answer`: it knows it; `none`: there is no such name; the others don't tell. */
export type Outcome = "answer" | "none" | "refused" | "broken" | "silent";

export interface ServerAnswer {
  /** `ns1.home.example (192.0.2.53)`. */
  readonly server: string;
  readonly outcome: Outcome;
  /** Sorted. */
  readonly a: readonly string[];
  readonly aaaa: readonly string[];
  /** The name that it is another name of. */
  readonly alias?: string;
}

/** A name as those see it who are responsible for it: no resolver's memory is in between. */
export interface NameSeen {
  readonly name: string;
  /** The names behind it, where it is an alias; what the servers answered is about the last of them. */
  readonly aliases: readonly string[];
  /** Whose servers were asked: the domain that has name servers of its own. */
  readonly zone?: string;
  readonly servers: readonly ServerAnswer[];
  /** Nobody gave it these addresses: any name beside it has them. */
  readonly wildcard: boolean;
  /** Nobody is responsible for it: it was never registered, or has expired. */
  readonly undelegated?: true;
  /** Why nobody could be asked. */
  readonly trouble?: string;
}

export interface Asking {
  /** `ADDRESS` or `ADDRESS:PORT` of those that are asked about every name; empty: those that are responsible. */
  readonly servers: readonly string[];
  readonly signal?: AbortSignal;
  /** Where responsible servers are looked up; default: as this machine does. */
  readonly system?: readonly string[];
}

interface Server {
  readonly title: string;
  readonly at: string;
}

const MOST_ALIASES = 5;
const MOST_SERVERS = 6;
const STRANGER = "tend-looks-for-a-wildcard";
/** Node asks in the end as long as this for each of the tries, and somewhat more. */
const PATIENCE = { timeout: 1200, tries: 2 };

/** Asks for a name's addresses. It never throws: what can't be learnt stands in the answer. */
export async function askName(name: string, asking: Asking): Promise<NameSeen> {
  const aliases: string[] = [];
  for (;;) {
    const asked = aliases.at(-1) ?? name;
    const found = await responsible(asked, asking);
    if ("trouble" in found || "undelegated" in found) return { name, aliases, servers: [], wildcard: false, ...found };
    const servers = await Promise.all(found.servers.map((server) => askServer(server, asked, asking)));
    const alias = agreedAlias(servers);
    if (alias === undefined) {
      return { name, aliases, zone: found.zone, servers, wildcard: await isWildcard(asked, found, servers, asking) };
    }
    if (alias === name || aliases.includes(alias) || aliases.length === MOST_ALIASES) {
      return {
        name,
        aliases,
        servers: [],
        wildcard: false,
        trouble: `${asked} is an alias of ${alias}, and that goes round in circles`,
      };
    }
    aliases.push(alias);
  }
}

interface Responsible {
  readonly zone?: string;
  readonly servers: readonly Server[];
}

/** The name servers of the nearest domain above that has some. */
async function responsible(
  name: string,
  asking: Asking,
): Promise<Responsible | { readonly trouble: string } | { readonly undelegated: true }> {
  if (asking.servers.length > 0) return { servers: asking.servers.map((at) => ({ title: at, at })) };
  const system = resolver(asking.system, asking.signal);
  const labels = name.split(".");
  // The last label is a registry's: it answers for everybody, and is no domain of the user's.
  for (let at = 0; at < labels.length - 1; at += 1) {
    const zone = labels.slice(at).join(".");
    try {
      const hosts = await system.resolveNs(zone);
      // An alias has no name servers of its own: those that are told are its target's, and know nothing of it.
      if (await isAlias(zone, system)) continue;
      const servers = (await Promise.all(hosts.slice(0, MOST_SERVERS).map((host) => serverAt(host, system, asking)))).flat();
      if (servers.length === 0) return { trouble: `the name servers of ${zone} have no address: ${hosts.join(", ")}` };
      return { zone, servers };
    } catch (error) {
      const code = codeOf(error);
      if (code !== "ENODATA" && code !== "ENOTFOUND") return { trouble: `nobody says who is responsible for ${zone} (${code})` };
    }
  }
  return nobodyIs(labels.at(-1) as string, system);
}

async function isAlias(name: string, system: Resolver): Promise<boolean> {
  return system.resolveCname(name).then(
    () => true,
    () => false,
  );
}

/** That nobody is responsible counts only from a resolver that knows the registry: one that is cut off says it of every name. */
async function nobodyIs(
  registry: string,
  system: Resolver,
): Promise<{ readonly trouble: string } | { readonly undelegated: true }> {
  try {
    await system.resolveNs(registry);
    return { undelegated: true };
  } catch (error) {
    return { trouble: `this machine's resolver doesn't even know .${registry} (${codeOf(error)})` };
  }
}

async function serverAt(host: string, system: Resolver, { system: ports = [] }: Asking): Promise<readonly Server[]> {
  const [address] = await system.resolve4(host).catch(() => system.resolve6(host).catch(() => []));
  const port = ports.length > 0 ? /:(\d+)$/.exec(ports[0] as string)?.[1] : undefined;
  return address === undefined ? [] : [{ title: `${host} (${address})`, at: port ? `${address}:${port}` : address }];
}

async function askServer(server: Server, name: string, { signal }: Asking): Promise<ServerAnswer> {
  const asked = resolver([server.at], signal);
  const [a, aaaa, alias] = await Promise.all([
    addresses(asked.resolve4(name)),
    addresses(asked.resolve6(name)),
    asked.resolveCname(name).then(
      ([target]) => target?.toLowerCase(),
      () => undefined,
    ),
  ]);
  const untold = [a, aaaa].find(({ outcome }) => outcome !== "answer" && outcome !== "none");
  return {
    server: server.title,
    outcome: untold?.outcome ?? (a.outcome === "none" && aaaa.outcome === "none" ? "none" : "answer"),
    a: a.found,
    aaaa: aaaa.found,
    alias,
  };
}

async function addresses(answer: Promise<readonly string[]>): Promise<{ outcome: Outcome; found: readonly string[] }> {
  try {
    return { outcome: "answer", found: (await answer).map((one) => plainAddress(one) ?? one).toSorted() };
  } catch (error) {
    return { outcome: OUTCOMES[codeOf(error)] ?? "silent", found: [] };
  }
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  ENODATA: "answer",
  ENOTFOUND: "none",
  EREFUSED: "refused",
  ESERVFAIL: "broken",
  EFORMERR: "broken",
  ENOTIMP: "broken",
  EBADRESP: "broken",
};

function agreedAlias(servers: readonly ServerAnswer[]): string | undefined {
  const told = servers.filter(({ outcome, alias }) => alias !== undefined || outcome === "answer" || outcome === "none");
  const [first, ...others] = new Set(told.map(({ alias }) => alias));
  return others.length === 0 ? first : undefined;
}

async function isWildcard(
  name: string,
  { zone, servers: asked }: Responsible,
  servers: readonly ServerAnswer[],
  asking: Asking,
): Promise<boolean> {
  const parent = name.slice(name.indexOf(".") + 1);
  const at = servers.findIndex(({ outcome, a, aaaa }) => outcome === "answer" && a.length + aaaa.length > 0);
  const [found, server] = [servers[at], asked[at]];
  if (!found || !server || name === zone || !parent.includes(".")) return false;
  const stranger = await askServer(server, `${STRANGER}.${parent}`, asking);
  return stranger.outcome === "answer" && sameAddresses(stranger, found) && stranger.a.length + stranger.aaaa.length > 0;
}

export function sameAddresses(one: Pick<ServerAnswer, "a" | "aaaa">, other: Pick<ServerAnswer, "a" | "aaaa">): boolean {
  return one.a.join() === other.a.join() && one.aaaa.join() === other.aaaa.join();
}

function resolver(servers: readonly string[] | undefined, signal: AbortSignal | undefined): Resolver {
  const made = new Resolver(PATIENCE);
  if (servers && servers.length > 0) made.setServers(servers);
  signal?.addEventListener("abort", () => made.cancel(), { once: true });
  return made;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? "no answer";
}
