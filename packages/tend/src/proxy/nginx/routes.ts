import { type Script, sh } from "../../transport/argv.ts";
import type { ProxyRouting, Routed, Upstream } from "../routing.ts";
import { type Directive, inherited, parse } from "./configuration.ts";

/** The lines that say what is routed where. A header with a password, a key or a token isn't among them. */
const KEPT =
  "/^[[:space:]]*(http|server|upstream|location|listen|server_name|proxy_pass|set|map|return|auth_basic|client_max_body_size|proxy_http_version|include)[[:space:]]|^[[:space:]]*proxy_set_header[[:space:]]+(Host|Upgrade|Connection|X-Forwarded-Proto)[[:space:]]/b";

/** `nginx -T` says what it would load, and whether it would. Where it would not, the files are read all the same. */
export const nginxRouting: ProxyRouting = {
  kind: "nginx",
  script: (container) => sh`all=$(docker exec ${container} nginx -T 2>/dev/null) && said=0 || said=1
if [ $said != 0 ]; then
  docker exec ${container} nginx -t >&2
  all=$(docker exec ${container} sh -c 'echo "http {"; cat /etc/nginx/conf.d/*.conf; echo "}"')
fi
printf '%s\n' "$all" | sed -E -e ${KEPT} -e 's/[^{}]//g' -e '/^$/d'
exit $said`,
  routes: readRoutes,
  reload: reloadNginx,
};

export function reloadNginx(container: string): Script {
  return sh`docker exec ${container} nginx -t && docker exec ${container} nginx -s reload`;
}

/** The servers of a configuration and their locations, each as a route. */
export function readRoutes(configuration: string): readonly Routed[] {
  const top = parse(configuration);
  const http = top.flatMap((directive) => (directive.name === "http" ? (directive.block ?? []) : [directive]));
  const groups = new Map(
    http.flatMap(({ name, args, block }): [string, readonly Upstream[]][] =>
      name === "upstream" && block ? [[args[0] ?? "", block.flatMap(serverOf)]] : [],
    ),
  );
  return http.flatMap((directive) =>
    directive.name === "server" && directive.block ? serverRoutes(directive.block, http, groups) : [],
  );
}

function serverRoutes(
  server: readonly Directive[],
  http: readonly Directive[],
  groups: ReadonlyMap<string, readonly Upstream[]>,
): readonly Routed[] {
  const listens = server.filter(({ name }) => name === "listen");
  const isDefault = listens.some(({ args }) => args.includes("default_server"));
  const tls = listens.some(({ args }) => args.includes("ssl") || /(^|:)443$/.test(args[0] ?? ""));
  const names = server.flatMap(({ name, args }) => (name === "server_name" ? args : [])).filter((name) => name !== "");
  const domains = names.filter((name) => name !== "_").map((name) => (name.startsWith(".") ? `*${name}` : name));
  // A default server that only turns strangers away routes nothing.
  if (isDefault && !/proxy_pass/.test(JSON.stringify(server))) return [];
  return locationsOf(server).flatMap(({ path, block }) => {
    const scopes = [block, server, http];
    const pass = block.find(({ name }) => name === "proxy_pass")?.args[0];
    if (pass === undefined) return [];
    const headers = inherited(scopes, "proxy_set_header").map(({ args }) => args.map((arg) => arg.toLowerCase()));
    const passwords = inherited(scopes, "auth_basic")[0]?.args[0];
    const upgrade =
      headers.some(([name]) => name === "upgrade") && headers.some(([name, value]) => name === "connection" && value !== "close");
    const to = upstreamsOf(pass, scopes, groups);
    return (domains.length > 0 ? domains : ["*"]).map(
      (domain): Routed => ({
        domain: domain.toLowerCase(),
        path,
        ...to,
        tls,
        tellsScheme: headers.some(([name]) => name === "x-forwarded-proto"),
        upgrades: upgrade && inherited(scopes, "proxy_http_version")[0]?.args[0] === "1.1",
        ...(passwords !== undefined && passwords !== "off" ? { login: "asked" as const } : {}),
      }),
    );
  });
}

/** A server that passes requests on without a location has one for everything. */
function locationsOf(server: readonly Directive[]): readonly { readonly path: string; readonly block: readonly Directive[] }[] {
  return server.flatMap(({ name, args, block }) => {
    if (name !== "location" || !block) return [];
    const path = args.length > 1 ? (args[1] as string) : (args[0] ?? "/");
    // A named location is reached from another one; a pattern's path can't be told, and takes what it takes.
    if (path.startsWith("@") || args[0]?.startsWith("~")) return locationsOf(block);
    return [{ path: path === "/" ? path : path.replace(/\/$/, ""), block }, ...locationsOf(block)];
  });
}

function upstreamsOf(
  pass: string,
  scopes: readonly (readonly Directive[])[],
  groups: ReadonlyMap<string, readonly Upstream[]>,
): Pick<Routed, "upstreams" | "lookedUp"> {
  const [, scheme = "http", rest = ""] = /^(https?):\/\/([^/]+)/.exec(pass) ?? [];
  const lookedUp = rest.includes("$");
  const target = rest.replace(/\$\{?(\w+)\}?/g, (_, name: string) => {
    const set = scopes.flat().find((directive) => directive.name === "set" && directive.args[0] === `$${name}`);
    return set?.args[1] ?? "";
  });
  const group = groups.get(target);
  if (group) return { upstreams: group, lookedUp: false };
  const upstream = addressOf(target, scheme === "https" ? 443 : 80);
  return { upstreams: upstream ? [upstream] : [], lookedUp };
}

/** `server 10.0.0.2:8000 weight=2;`; one that is marked down gets no requests. */
function serverOf({ name, args }: Directive): readonly Upstream[] {
  if (name !== "server" || args.includes("down")) return [];
  const upstream = addressOf(args[0] ?? "", 80);
  return upstream ? [upstream] : [];
}

function addressOf(text: string, otherwise: number): Upstream | undefined {
  const [, host, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text) ?? [];
  return host === undefined ? undefined : { host, port: port === undefined ? otherwise : Number(port) };
}
