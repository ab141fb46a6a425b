import { lookup } from "node:dns/promises";
import { scenesOf } from "../../doctor/diagnose.ts";
import type { ContainerSeen } from "../../doctor/facts/containers.ts";
import { seenOf } from "../../doctor/facts/index.ts";
import { gather } from "../../doctor/gather.ts";
import { containersOf, routesOf, sharedNetworks } from "../../doctor/way/routed.ts";
import { Failure, type FailureParts } from "../../model/failure.ts";
import type { App, Proxy, Service } from "../../model/fleet.ts";
import { type DomainName, domainName, proxyName, serviceName } from "../../model/names.ts";
import { prelude } from "../../observe/place.ts";
import { defineOperation, type HostLook } from "../../operation.ts";
import { app, count, named, position, usage } from "../../params.ts";
import { exec } from "../../plan/print.ts";
import type { Addition, NewRoute, Standing } from "../../proxy/addition.ts";
import { addings, routings } from "../../proxy/index.ts";
import type { Draft } from "../../runtime/runtime.ts";
import { sh } from "../../transport/argv.ts";

export interface Wanted {
  readonly app: App;
  readonly service: Service;
  readonly domain: DomainName;
  readonly port: number;
  readonly proxy: Proxy;
}

export interface Added {
  readonly wanted: Wanted;
  readonly addition: Addition;
  /** It is there already, word for word. */
  readonly there: boolean;
  /** What is left for a person, a line each. */
  readonly left: readonly string[];
}

export const routeAdd = defineOperation({
  kind: "host",
  name: "route add",
  summary: "Write what a proxy needs for a new domain, or say which lines go where",
  details: `Plain nginx gets a file in the folder that is mounted as conf.d, Caddy one in a folder that its Caddyfile imports:
checked by the proxy itself, loaded, and taken away again if it is refused. nginx-proxy and Traefik read the compose file of the
app, which tend never rewrites: the lines are shown. So is what tend.yaml, the network and DNS still need.`,
  effect: "changes",
  params: {
    app: app(),
    service: { ...position("service", "which service, as tend.yaml calls it"), required: true },
    domain: { ...position("domain", "the domain, such as app.example"), required: true },
    port: count("port", "the port inside the container"),
    proxy: named(proxyName, "proxy", "which proxy; the host's only one when none is named"),
  },
  examples: [
    {
      command: "tend route add notes web notes.example --port 3000 --dry-run",
      explains: "what would be written, and what is left to do",
    },
    { command: "tend route add notes web notes.example --port 3000", explains: "write it, have the proxy check and load it" },
  ],
  targets: (input, fleet) => {
    const host = fleet.apps.get(input.app)?.host;
    if (!host) throw usage(`${fleet.name} has no app "${input.app}"`, `it has ${[...fleet.apps.keys()].join(", ")}`);
    return [host];
  },
  async facts(look, input): Promise<Added> {
    const wanted = wantedOf(look, input);
    const { domain, proxy, service } = wanted;
    const [scene] = await scenesOf(look.session, [wanted.app.name]);
    if (!scene) throw usage(`${input.app} is on no host`);
    const { facts } = await gather(look.session, scene, ["containers", "proxies"]);
    const seen = seenOf(facts);
    const front = seen.containers.find(({ name }) => name === proxy.container);
    if (front?.state !== "running")
      throw refused(proxy, `${proxy.container} isn't running`, { evidence: [front?.state ?? "there is no such container"] });
    const [container] = containersOf(scene, wanted, seen.containers);
    const route = newRoute(wanted, front, container);
    const addition = addings[proxy.kind].add(route, await standingOf(look, proxy, front));
    const before = addition.kind === "file" ? await contentOf(look, addition.path) : undefined;
    const there = addition.kind === "file" && before === addition.content;
    const looked = seen.proxies.proxies.find(({ name }) => name === proxy.name);
    const known = routesOf(proxy, looked, seen.containers)?.filter((one) => one.domain === domain) ?? [];
    if (!there && known.length > 0) {
      throw refused(proxy, `${proxy.container} routes ${domain} already`, {
        evidence: known.map(
          ({ path, upstreams }) => `${domain}${path} → ${upstreams.map(({ host, port }) => `${host}:${port}`).join(", ")}`,
        ),
      });
    }
    if (addition.kind === "file" && !there) {
      if (before !== undefined)
        throw refused(proxy, `${addition.path} is there already, and isn't what tend would write`, {
          evidence: [before.split("\n")[0] ?? ""],
          help: "see what it is for; then move it away, or give the domain its route there by hand",
        });
      if (!container)
        throw refused(proxy, `${service.name} of ${input.app} isn't running, and ${proxy.container} has to find it`, {
          help: `tend deploy ${input.app}`,
        });
      if (!route.joined)
        throw refused(proxy, `${container.name} is off ${route.network}, and ${proxy.container} can't reach it`, {
          help: `add the network ${route.network} (external: true) to services.${service.compose} of the compose file, and deploy`,
        });
    }
    return { wanted, addition, there, left: await leftOf(wanted, scene.fleet.apps.values()) };
  },
  draft: draftOf,
});

/** The route as its proxy is to be told of it: over the network that both are on, where there is one. */
export function newRoute(
  { service, domain, port, proxy }: Wanted,
  front: ContainerSeen,
  container: ContainerSeen | undefined,
): NewRoute {
  const shared = container ? sharedNetworks(front, container) : [];
  const declared =
    proxy.network !== undefined && (shared.length === 0 || shared.includes(proxy.network)) ? proxy.network : undefined;
  return {
    domain,
    container: container?.name ?? service.compose,
    service: service.compose,
    port,
    network: declared ?? shared[0] ?? Object.keys(front.networks)[0] ?? "proxy",
    joined: shared.length > 0,
    labels: container?.labels ?? {},
    env: container?.env ?? {},
  };
}

function wantedOf(
  { fleet, host }: HostLook,
  input: {
    app: string;
    service: string | undefined;
    domain: string | undefined;
    port: number | undefined;
    proxy: string | undefined;
  },
): Wanted {
  const declared = fleet.apps.get(input.app as never) as App;
  const name = serviceName.parse(input.service ?? "");
  if (!name) throw usage(`"${input.service ?? ""}" can't be a service's name`, "tend route add APP SERVICE DOMAIN --port N");
  const domain = domainName.parse((input.domain ?? "").toLowerCase());
  if (!domain) throw usage(`"${input.domain ?? ""}" can't be a domain: expected a name alone, such as app.example`);
  if (declared.runtime !== "compose") throw usage(`${input.app} runs without containers: tend's own front serves its port`);
  const known = declared.services.find((one) => one.name === name);
  if (!known && declared.services.length > 0)
    throw usage(`${input.app} declares no service "${name}"`, `it has ${declared.services.map((one) => one.name).join(", ")}`);
  const service: Service = known ?? { name, compose: name, role: "routed", deadline: 60, drain: 10 };
  const here = [...fleet.proxies.values()].filter((one) => one.host === host.name);
  const proxy = input.proxy
    ? here.find((one) => one.name === input.proxy)
    : (here.find((one) => one.name === service.route?.proxy) ?? (here.length === 1 ? here[0] : undefined));
  if (!proxy)
    throw usage(
      here.length === 0
        ? `${host.name} declares no proxy`
        : `which proxy? ${host.name} has ${here.map((one) => one.name).join(", ")}`,
      "--proxy names one",
    );
  const port = input.port ?? service.route?.port;
  if (port === undefined || port < 1 || port > 65_535)
    throw usage("on which port does it listen inside the container?", "--port 8000");
  return { app: declared, service, domain, port, proxy };
}

async function standingOf(
  { transport, host }: HostLook,
  proxy: Proxy,
  { mounts, networkMode, published, exposed }: ContainerSeen,
): Promise<Standing> {
  const base = {
    container: proxy.container,
    mounts,
    // In the host's own network nothing is published.
    tls: (networkMode === "host" ? exposed : published.map(({ inside }) => inside)).includes("443/tcp"),
  };
  if (proxy.kind !== "caddy") return { ...base, imports: [] };
  const said = await transport.run(sh`${prelude(host)}
docker exec ${proxy.container} sed -n 's/^[[:space:]]*import[[:space:]]*//p' /etc/caddy/Caddyfile`);
  return {
    ...base,
    imports: said.stdout
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean),
  };
}

async function contentOf({ transport }: HostLook, path: string): Promise<string | undefined> {
  const said = await transport.run(sh`[ -e ${path} ] || exit 3
cat ${path}`);
  return said.exit === 3 ? undefined : said.stdout;
}

/** What tend.yaml and DNS don't say yet. */
async function leftOf({ app: { name }, service, domain, port, proxy }: Wanted, apps: Iterable<App>): Promise<readonly string[]> {
  const others = [...apps].flatMap((one) =>
    one.services.flatMap(({ route }) => (route?.proxy === proxy.name && route.domain !== domain ? [route.domain] : [])),
  );
  const [own, ...theirs] = await Promise.all(
    [domain, ...others].map(async (one) => ({ one, address: (await lookup(one).catch(() => undefined))?.address })),
  );
  const like = theirs.find(({ address }) => address !== undefined);
  const declared = `${service.name}: { route: { domain: ${domain}, proxy: ${proxy.name}, port: ${port} } }`;
  return [
    ...(service.route && service.route.domain !== domain
      ? [
          `tend.yaml: ${service.name} is declared with ${service.route.domain}, and a service has one route; tend doesn't follow this one`,
        ]
      : [
          `${service.route ? "" : `tend.yaml, at apps.${name}.services:  ${declared}; then `}tend route check ${domain} follows it`,
        ]),
    own?.address
      ? `DNS: ${domain} leads to ${own.address}; see that it is this host`
      : `DNS: ${domain} has no address yet; add an A record (and AAAA, if the host has IPv6) to the host's public address${like ? `, as ${like.one} has: ${like.address}` : ""}`,
  ];
}

export function draftOf({ wanted, addition, there, left }: Added): Draft {
  const { app: of, service, domain, proxy } = wanted;
  const title = `route add ${domain} → ${service.name} of ${of.name}`;
  const nothing = { title, summary: [], steps: [], undo: [], watch: [] };
  if (addition.kind === "lines") {
    return {
      ...nothing,
      nothing: [
        `it is for you to put this into ${addition.where}:`,
        ...addition.lines.map((line) => line && `    ${line}`),
        ...left.map((line) => `  ${line}`),
        `  then: ${addition.load?.text ?? `tend deploy ${of.name}`}`,
      ].join("\n"),
    };
  }
  if (there) return { ...nothing, nothing: [`${addition.path} is as it should be`, ...left].join("\n  ") };
  const { path, content, load } = addition;
  const reload = routings[proxy.kind].reload(proxy.container);
  return {
    title,
    summary: [
      { label: "proxy", text: `${proxy.container} sends ${domain} to port ${wanted.port} of ${service.compose}` },
      ...left.map((text) => ({ label: "left to do", text })),
    ],
    steps: [
      {
        id: "write",
        title: `write ${path}`,
        because: `${proxy.container} reads a file for each domain`,
        effect: "changes",
        phase: "switch",
        action: { kind: "write", path, content, mode: "644" },
        allOrNothing: true,
      },
      {
        id: "load",
        title: `have ${proxy.container} check its configuration, and load it`,
        because: "a configuration that it refuses is never loaded",
        effect: "changes",
        phase: "switch",
        action: exec([load]),
        fails: {
          id: "route.refused",
          title: `${proxy.container} can't be given ${domain}`,
          help: `mend what it names; then the same command again`,
        },
      },
    ],
    undo: [{ of: "write", title: `remove ${path}`, action: exec([sh`rm -f ${path}`, sh`{ ${reload}; } || :`]) }],
    watch: [],
    outcome: `${proxy.container} routes ${domain}`,
    undoneBy: `rm ${path} on ${proxy.host}, and a reload`,
  };
}

function refused(proxy: Proxy, title: string, more: Pick<FailureParts, "evidence" | "help">): Failure {
  return new Failure({ id: "route.refused", exit: "refused", title, where: proxy.host, changed: "nothing", ...more });
}
