import { sh } from "../../transport/argv.ts";
import type { ProxyRouting, Routed, Upstream } from "../routing.ts";

const CADDYFILE = "/etc/caddy/Caddyfile";
/** Hashes, tokens and headers that carry them: none of it leaves the host. */
const SECRETS = 's/"([a-z_]*(password|hash|token|secret|key)[a-z_]*|Authorization|Cookie)":("[^"]*"|\\[[^]]*\\])/"\\1":"…"/gI';

interface Handler {
  readonly handler?: string;
  readonly routes?: readonly Route[];
  readonly upstreams?: readonly { readonly dial?: string }[];
  readonly headers?: { readonly request?: { readonly set?: object; readonly delete?: readonly string[] } };
  readonly providers?: object;
}

interface Route {
  readonly match?: readonly { readonly host?: readonly string[]; readonly path?: readonly string[] }[];
  readonly handle?: readonly Handler[];
}

interface Adapted {
  readonly apps?: {
    readonly http?: {
      readonly servers?: Readonly<Record<string, { readonly listen?: readonly string[]; readonly routes?: readonly Route[] }>>;
    };
  };
}

/** What the Caddyfile comes to. Caddy passes the scheme and WebSockets on by itself, and looks names up at every connection. */
export const caddyRouting: ProxyRouting = {
  kind: "caddy",
  script: (container) => sh`adapted=$(docker exec ${container} caddy adapt --config ${CADDYFILE} --validate) && said=0 || said=1
printf '%s\n' "$adapted" | sed -E ${SECRETS}
exit $said`,
  routes: (configuration) => {
    const servers = Object.values((JSON.parse(configuration || "{}") as Adapted).apps?.http?.servers ?? {});
    return servers.flatMap(({ listen = [], routes = [] }) => {
      const tls = !listen.some((address) => /:80$/.test(address));
      return routes.flatMap((route) => walk(route, { domains: ["*"], paths: ["/"], login: false }, tls));
    });
  },
  reload: (container) =>
    sh`docker exec ${container} caddy validate --config ${CADDYFILE} && docker exec ${container} caddy reload --config ${CADDYFILE}`,
};

interface Around {
  readonly domains: readonly string[];
  readonly paths: readonly string[];
  readonly login: boolean;
}

/** A route holds for what it matches, within what the routes around it match. */
function walk(route: Route, around: Around, tls: boolean): readonly Routed[] {
  const hosts = (route.match ?? []).flatMap((match) => match.host ?? []);
  const paths = (route.match ?? []).flatMap((match) => match.path ?? []).map((path) => path.replace(/\/?\*$/, "") || "/");
  const handlers = route.handle ?? [];
  const within: Around = {
    domains: hosts.length > 0 ? hosts.map((host) => host.toLowerCase()) : around.domains,
    paths: paths.length > 0 ? paths : around.paths,
    login: around.login || handlers.some(({ handler }) => handler === "authentication"),
  };
  return handlers.flatMap((handler) => {
    if (handler.handler === "subroute") return (handler.routes ?? []).flatMap((inner) => walk(inner, within, tls));
    if (handler.handler !== "reverse_proxy") return [];
    const deleted = handler.headers?.request?.delete ?? [];
    return within.domains.flatMap((domain) =>
      within.paths.map(
        (path): Routed => ({
          domain,
          path,
          upstreams: (handler.upstreams ?? []).flatMap(({ dial = "" }) => dialled(dial)),
          lookedUp: true,
          tls,
          tellsScheme: !deleted.some((name) => name.toLowerCase() === "x-forwarded-proto"),
          upgrades: true,
          ...(within.login ? { login: "asked" as const } : {}),
        }),
      ),
    );
  });
}

function dialled(dial: string): readonly Upstream[] {
  const [, host, port] = /^(.+):(\d+)$/.exec(dial) ?? [];
  return host === undefined ? [] : [{ host, port: Number(port) }];
}
