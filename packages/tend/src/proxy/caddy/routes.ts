import { sh } from "../../transport/argv.ts";
import type { ProxyRouting, Routed, Upstream } from "../routing.ts";

export const CADDYFILE = "/etc/caddy/Caddyfile";
/** Hashes, tokens and headers that carry them: none of it leaves the host. */
const TEXT = String.raw`"([^"\\]|\\.)*"`;
const SECRETS = String.raw`s/("[a-z_-]*(password|hash|token|secret|key|auth|cookie)[a-z_-]*"):(${TEXT}|\[(${TEXT},?)*\])/\1:"…"/gI`;

interface Handler {
  readonly handler?: string;
  readonly routes?: readonly Route[];
  readonly upstreams?: readonly { readonly dial?: string }[];
  readonly headers?: { readonly request?: { readonly delete?: readonly string[] } };
}

interface Matcher {
  readonly host?: readonly string[];
  readonly path?: readonly string[];
}

interface Route {
  readonly match?: readonly Matcher[];
  readonly handle?: readonly Handler[];
}

interface Server {
  readonly listen?: readonly string[];
  readonly routes?: readonly Route[];
  readonly tls_connection_policies?: unknown;
}

/** What the Caddyfile comes to. Caddy passes the scheme and WebSockets on by itself, and looks names up at every connection. */
export const caddyRouting: ProxyRouting = {
  kind: "caddy",
  script: (container) => sh`adapted=$(docker exec ${container} caddy adapt --config ${CADDYFILE} --validate) && said=0 || said=1
printf '%s\n' "$adapted" | sed -E ${SECRETS}
exit $said`,
  routes: (configuration) => {
    const servers = serversOf(configuration);
    return servers?.flatMap(({ listen = [], routes = [], tls_connection_policies }) => {
      const tls = tls_connection_policies !== undefined || listen.some((address) => /:443$/.test(address));
      return routes.flatMap((route) => walk(route, { domains: ["*"], paths: ["/"] }, tls));
    });
  },
  reload: (container) =>
    sh`docker exec ${container} caddy validate --config ${CADDYFILE} && docker exec ${container} caddy reload --config ${CADDYFILE}`,
};

function serversOf(configuration: string): readonly Server[] | undefined {
  try {
    const adapted = JSON.parse(configuration) as { apps?: { http?: { servers?: Readonly<Record<string, Server>> } } };
    return Object.values(adapted.apps?.http?.servers ?? {});
  } catch {
    return undefined;
  }
}

interface Around {
  readonly domains: readonly string[];
  readonly paths: readonly string[];
}

/** A route holds for what one of its matchers matches, within what the routes around it match. */
function walk({ match = [{}], handle = [] }: Route, around: Around, tls: boolean): readonly Routed[] {
  return match.flatMap((matcher) => {
    const within = inside(matcher, around);
    return handle.flatMap((handler) => {
      if (handler.handler === "subroute") return (handler.routes ?? []).flatMap((inner) => walk(inner, within, tls));
      if (handler.handler !== "reverse_proxy") return [];
      const deleted = handler.headers?.request?.delete ?? [];
      const to = {
        upstreams: (handler.upstreams ?? []).flatMap(({ dial = "" }) => dialled(dial)),
        lookedUp: true,
        tls,
        tellsScheme: !deleted.some((name) => name.toLowerCase() === "x-forwarded-proto"),
        upgrades: true,
      };
      return within.domains.flatMap((domain) => within.paths.map((path): Routed => ({ domain, path, ...to })));
    });
  });
}

/** Only hosts and prefixes are read; what else is asked of a request may hold or not. */
function inside({ host, path, ...others }: Matcher, around: Around): Around {
  const unread = Object.keys(others).length > 0 || around.paths.includes("~");
  return {
    domains: host?.map((name) => name.toLowerCase()) ?? around.domains,
    paths: unread ? ["~"] : (path?.map(prefixOf) ?? around.paths),
  };
}

function prefixOf(path: string): string {
  const prefix = path.replace(/\/?\*$/, "") || "/";
  return prefix.includes("*") ? "~" : prefix;
}

function dialled(dial: string): readonly Upstream[] {
  const [, host, port] = /^(.+):(\d+)$/.exec(dial) ?? [];
  return host === undefined ? [] : [{ host, port: Number(port) }];
}
