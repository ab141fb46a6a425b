import type { ProxyKind } from "../model/fleet.ts";
import type { Script } from "../transport/argv.ts";

/** Where a proxy sends a request: a name or an address, and the port behind it. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/** What a running proxy does with the requests for a domain under a path. */
export interface Routed {
  /** As the proxy has it: `app.example`, `*.example`; `*` for every name. */
  readonly domain: string;
  /** A prefix; `/` for everything. */
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
  /** Asks for a name and a password; `broken` where no password can ever be right. */
  readonly login?: "asked" | "broken";
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
  routes(configuration: string, containers: readonly Labelled[]): readonly Routed[];
  /** Makes it read its configuration again, after a look whether that is right; loses no request. */
  reload(container: string): Script;
}

/** Every route for the domain that a request for the path could take, the most fitting first. */
export function routesFor(routes: readonly Routed[], domain: string, path: string): readonly Routed[] {
  return routes
    .filter((route) => matches(route.domain, domain) && isUnder(path, route.path))
    .toSorted((one, other) => rank(other) - rank(one));
}

/** Another name for every name, or for those under a domain. */
function matches(pattern: string, domain: string): boolean {
  if (pattern === "*" || pattern === domain) return true;
  return pattern.startsWith("*.") && domain.endsWith(pattern.slice(1));
}

function isUnder(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
}

function rank({ domain, path }: Routed): number {
  return (domain === "*" ? 0 : domain.startsWith("*") ? 1e5 : 1e6) + path.length;
}
