import type { ProxyKind } from "../model/fleet.ts";
import type { Script } from "../transport/argv.ts";

/** Where a proxy sends a request: a name or an address, and the port behind it. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/** What a running proxy does with the requests for a domain under a path. */
export interface Routed {
  /** As the proxy has it: `app.example`, `*.example`, `app.*`; `*` for every other name; with `~` a pattern that isn't read here. */
  readonly domain: string;
  /** A prefix; `/` for everything; `~` and what follows for a condition that isn't read here. */
  readonly path: string;
  /** Empty where it knows the domain and has nobody to send the requests to. */
  readonly upstreams: readonly Upstream[];
  /** The name of an upstream is looked up again and again, so that a new address is noticed. */
  readonly lookedUp: boolean;
  /** Answers on a TLS port. */
  readonly tls: boolean;
  /** Tells the app the scheme that the user came by. */
  readonly tellsScheme: boolean;
  /** Passes the request to become a WebSocket on. */
  readonly upgrades: boolean;
  /** Asks for a password, and none can ever be right. */
  readonly brokenLogin?: true;
}

/** What of a container proxies read. */
export interface Labelled {
  readonly name: string;
  readonly state: string;
  readonly health?: { readonly status: string } | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly exposed: readonly string[];
  readonly networks: Readonly<Record<string, { readonly address: string; readonly aliases: readonly string[] }>>;
}

/**
 * How one kind of proxy is asked what it routes. Each kind is a file in its folder and a line in index.ts, and is held
 * to routing.test.ts with what a real one printed.
 */
export interface ProxyRouting {
  readonly kind: ProxyKind;
  /** Prints the configuration, without what may be secret in it; ends with another status than 0 where the proxy would refuse it, and says why on stderr. */
  script(container: string): Script;
  /** Prints how it calls its version, of a kind that isn't well with every engine. */
  version?(container: string): Script;
  /** Undefined where what was printed isn't whole. */
  routes(configuration: string, containers: readonly Labelled[]): readonly Routed[] | undefined;
  /** Makes it read its configuration again, after a look whether that is right; loses no request. */
  reload(container: string): Script;
}

/**
 * Every route that a request for the path could take, the most fitting first. A proxy looks for the name first, and for
 * the path among what that name has. Undefined where a pattern of the proxy's own may take it, which isn't read here.
 */
export function routesFor<R extends Pick<Routed, "domain" | "path"> & Partial<Routed>>(
  routes: readonly R[],
  domain: string,
  path: string,
): readonly R[] | undefined {
  const known = routes.filter((route) => isPattern(route.domain) || matches(route.domain, domain));
  const best = Math.max(...known.map((route) => fitness(route.domain)));
  const named = known.filter((route) => fitness(route.domain) === best);
  if (named.some((route) => isPattern(route.domain))) return undefined;
  const fitting = named.filter((route) => isUnder(path, route.path));
  if (fitting.length === 0 && named.some((route) => isPattern(route.path))) return undefined;
  return fitting.toSorted(
    (one, other) => other.path.length - one.path.length || Number(other.tls ?? false) - Number(one.tls ?? false),
  );
}

function isPattern(text: string): boolean {
  return text.startsWith("~");
}

/** Another name for every name, for those under a domain, or for those that begin alike. */
function matches(pattern: string, domain: string): boolean {
  if (pattern === "*" || pattern === domain) return true;
  return pattern.endsWith(".*")
    ? domain.startsWith(pattern.slice(0, -1))
    : pattern.startsWith("*.") && domain.endsWith(pattern.slice(1));
}

/** The name itself, what it ends with, what it begins with, a pattern, anything; of two alike the longer. */
function fitness(domain: string): number {
  const kind = domain === "*" ? 0 : isPattern(domain) ? 1 : domain.endsWith(".*") ? 2 : domain.startsWith("*.") ? 3 : 4;
  return isPattern(domain) ? kind : kind + domain.length / 1000;
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
}
