import { type Script, sh } from "../../transport/argv.ts";
import type { ProxyRouting, Routed, Upstream } from "../routing.ts";
import { type Directive, inherited, parseFiles } from "./configuration.ts";

/** The directives that say what is routed where, and the headings between files. */
const KEPT =
  "/^[[:space:]]*(http|server|upstream|location|listen|server_name|proxy_pass|proxy_set_header|proxy_http_version|set|include)[[:space:]{]/b";
/** A directive may go over several lines: it is taken as a whole. */
const WHOLE = ["-e", ":more", "-e", "/[;{}][[:space:]]*(#.*)?$/!{", "-e", "$!{", "-e", "N", "-e", "b more", "-e", "}", "-e", "}"];
/** Of a header only the name counts, but for Connection; its value may be a password, a key or a token. So may a variable's. */
const WITHOUT_SECRETS = [
  String.raw`s/proxy_set_header([[:space:]]+Connection[[:space:]])/proxy_keep_header\1/gI`,
  String.raw`s/(proxy_set_header[[:space:]]+[^[:space:];]+)[[:space:]]+("([^"\\]|\\.)*"|'([^'\\]|\\.)*'|[^;"'])*;/\1;/g`,
  "s/proxy_keep_header/proxy_set_header/g",
  String.raw`s/set[[:space:]]+\$[a-z0-9_]*(pass|secret|token|key|auth)[a-z0-9_]*[[:space:]]+("([^"\\]|\\.)*"|'([^'\\]|\\.)*'|[^;"'])*;//gI`,
].flatMap((one) => ["-e", one]);
/** Of all else the braces, outside of quotes: blocks are to end where they end. */
const BRACES = `s/("[^"]*"|'[^']*'|[^{}])//g`;

/** `nginx -T` says what it would load, and whether it would. Where it would not, the files are read all the same. */
export const nginxRouting: ProxyRouting = {
  kind: "nginx",
  script: (container) => sh`all=$(docker exec ${container} nginx -T 2>/dev/null) && said=0 || said=1
if [ $said != 0 ]; then
  docker exec ${container} nginx -t >&2
  all=$(docker exec ${container} sh -c 'echo "http {"; cat /etc/nginx/conf.d/*.conf; echo "}"')
fi
printf '%s\n' "$all" | sed -E -e '/^# configuration file /b' -e '/^[[:space:]]*(#|$)/d' ${WHOLE} ${WITHOUT_SECRETS} -e ${KEPT} -e ${BRACES} -e '/^$/d'
exit $said`,
  routes: readRoutes,
  reload: reloadNginx,
};

export function reloadNginx(container: string): Script {
  return sh`docker exec ${container} nginx -t && docker exec ${container} nginx -s reload`;
}

type Block = readonly Directive[];
type Target = Pick<Routed, "upstreams" | "lookedUp">;

/** The servers of a configuration and their locations, each as a route. */
export function readRoutes(configuration: string): readonly Routed[] {
  const http = parseFiles(configuration).flatMap((directive) =>
    directive.name === "http" ? (directive.block ?? []) : [directive],
  );
  const groups = new Map(blocksOf(http, "upstream").map(({ args, block }) => [args[0] ?? "", groupOf(block)]));
  const servers = blocksOf(http, "server").map(({ block }) => block);
  return servers.flatMap((server) => {
    const domains = [...namesOf(server), ...(takesStrangers(server, servers) ? ["*"] : [])];
    const tls = listensOf(server).some((listen) => listen.tls);
    return locationsOf(server).flatMap(({ path, block }) => {
      const pass = block.find(({ name }) => name === "proxy_pass")?.args[0];
      if (pass === undefined) return [];
      const scopes = [block, server, http];
      const to = targetOf(pass, scopes, groups);
      return domains.map((domain): Routed => ({ domain, path, tls, ...to, ...passedOn(scopes) }));
    });
  });
}

function blocksOf(scope: Block, of: string): readonly { readonly args: readonly string[]; readonly block: Block }[] {
  return scope.flatMap(({ name, args, block }) => (name === of && block ? [{ args, block }] : []));
}

/** `_` is no name, only one that nobody has; `.a.example` is the name and all under it. */
function namesOf(server: Block): readonly string[] {
  return server
    .flatMap(({ name, args }) => (name === "server_name" ? args : []))
    .filter((name) => name !== "" && name !== "_")
    .flatMap((name) => (name.startsWith(".") ? [name.slice(1), `*${name}`] : [name]))
    .map((name) => (name.startsWith("~") ? name : name.toLowerCase()));
}

interface Listen {
  readonly port: string;
  readonly tls: boolean;
  readonly first: boolean;
}

function listensOf(server: Block): readonly Listen[] {
  const given = server.filter(({ name }) => name === "listen").map(({ args }) => args);
  return (given.length > 0 ? given : [["80"]]).map(([at = "", ...more]) => {
    const port = at.startsWith("unix:") ? at : (/(?:^|:)(\d+)$/.exec(at)?.[1] ?? "80");
    return { port, tls: more.includes("ssl") || port === "443", first: more.includes("default_server") };
  });
}

/** A name that no server has is answered by the one that says so, else by the first on that port. */
function takesStrangers(server: Block, all: readonly Block[]): boolean {
  return listensOf(server).some(({ port }) => {
    const here = all.filter((one) => listensOf(one).some((listen) => listen.port === port));
    const said = here.find((one) => listensOf(one).some((listen) => listen.port === port && listen.first));
    return (said ?? here[0]) === server;
  });
}

function locationsOf(server: Block): readonly { readonly path: string; readonly block: Block }[] {
  return blocksOf(server, "location").flatMap(({ args, block }) => {
    const [, kind, path = "/"] = /^(=|\^~|~\*?|@)?(.*)$/.exec(args.join("")) ?? [];
    // A named location is reached from another one.
    if (kind === "@") return locationsOf(block);
    const prefix = kind?.startsWith("~") ? `~${path}` : path === "/" ? path : path.replace(/\/$/, "");
    return [{ path: prefix, block }, ...locationsOf(block)];
  });
}

function targetOf(pass: string, scopes: readonly Block[], groups: ReadonlyMap<string, Target>): Target {
  const address = pass.replace(/\$\{?(\w+)\}?/g, (_, name: string) => {
    const set = scopes.flat().find((directive) => directive.name === "set" && directive.args[0] === `$${name}`);
    return set?.args[1] ?? "";
  });
  const [, scheme, host = ""] = /^(https?):\/\/([^/]+)/.exec(address) ?? [];
  const upstream = addressOf(host, scheme === "https" ? 443 : 80);
  // With a variable anywhere in it, the name is looked up while it runs; that of a group isn't.
  return groups.get(host) ?? { upstreams: upstream ? [upstream] : [], lookedUp: pass.includes("$") };
}

/** `server 10.0.0.2:8000 weight=2;`; one that is marked down gets no requests. */
function groupOf(block: Block): Target {
  const servers = block.filter(({ name, args }) => name === "server" && !args.includes("down"));
  return {
    upstreams: servers.flatMap(({ args }) => addressOf(args[0] ?? "", 80) ?? []),
    lookedUp: servers.length > 0 && servers.every(({ args }) => args.includes("resolve")),
  };
}

function addressOf(text: string, otherwise: number): Upstream | undefined {
  const [, host, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text) ?? [];
  return host === undefined ? undefined : { host, port: port === undefined ? otherwise : Number(port) };
}

/** What of a request gets through besides the request. */
function passedOn(scopes: readonly Block[]): Pick<Routed, "tellsScheme" | "upgrades"> {
  const headers = new Map(
    inherited(scopes, "proxy_set_header").map(({ args: [name = "", value = ""] }) => [name.toLowerCase(), value.toLowerCase()]),
  );
  return {
    tellsScheme: headers.has("x-forwarded-proto"),
    upgrades:
      headers.has("upgrade") &&
      !["", "close"].includes(headers.get("connection") ?? "close") &&
      inherited(scopes, "proxy_http_version")[0]?.args[0] === "1.1",
  };
}
