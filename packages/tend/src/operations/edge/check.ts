import type { Seen } from "../../doctor/facts/index.ts";
import type { Asked } from "../../doctor/way/ask.ts";
import type { Place } from "../../doctor/way/place.ts";
import { containersOf, keyOf, proxyContainer, routedOf, sharedNetworks } from "../../doctor/way/routed.ts";
import { clean } from "../../execute/evidence.ts";
import type { AppName } from "../../model/names.ts";
import { defineOperation } from "../../operation.ts";
import { rest, usage } from "../../params.ts";
import { diagnosisLines } from "../../render/doctor.ts";
import { table } from "../../render/table.ts";
import type { Session } from "../../session.ts";
import { type Followed, follow } from "./look.ts";

export const routeCheck = defineOperation({
  kind: "report",
  name: "route check",
  summary: "Follow a request hop by hop, and name the first hop that fails",
  details: `From here by the public address; from the host to the proxy; whether proxy and container share a network; what
listens in the container; the app itself, past the proxy. Beside that: redirects to http and in circles, addresses in the page
that only containers know, a missing X-Forwarded-Proto, WebSockets, uploads and headers that were refused, a broken login.
Exits 3 when something is wrong.`,
  effect: "reads",
  params: { routes: rest("domain|app", "which; every declared route when none is named", false) },
  examples: [
    { command: "tend route check skriptoteket.example", explains: "one domain" },
    { command: "tend route check skriptoteket", explains: "all domains of an app" },
  ],
  async report(session, input) {
    const { apps, domains } = await meant(session, input.routes);
    const followed = (await follow(session, apps)).filter(({ way }) => domains.size === 0 || domains.has(way.route.domain));
    const told = followed.map((one) => ({ ...pick(one), hops: hopsOf(one) }));
    return {
      data: { routes: told.map(({ hops, ...one }) => ({ ...one, hops, findings: one.findings })) },
      lines:
        followed.length === 0
          ? ["no routes are declared: apps.APP.services.SERVICE.route"]
          : told.flatMap((one, at) => [...(at > 0 ? [""] : []), ...linesOf(one)]),
      exit: told.some(
        ({ findings, beside, fails }) =>
          beside !== undefined || fails !== undefined || findings.some(({ severity }) => severity !== "info"),
      )
        ? 3
        : 0,
    };
  },
});

async function meant(
  session: Session,
  names: readonly string[],
): Promise<{ apps: readonly AppName[]; domains: ReadonlySet<string> }> {
  const fleet = await session.fleet();
  const apps = new Set<AppName>();
  const domains = new Set<string>();
  for (const name of names) {
    const app = fleet.apps.get(name as AppName);
    const routes = [...fleet.apps.values()].flatMap((one) =>
      one.services.flatMap(({ route }) =>
        route && (one === app || route.domain === name) ? [{ app: one.name, domain: route.domain }] : [],
      ),
    );
    if (routes.length === 0)
      throw usage(
        app ? `${name} declares no routes` : `${fleet.name} has no app and no route "${name}"`,
        "tend route list has them all",
      );
    for (const route of routes) {
      apps.add(route.app);
      domains.add(route.domain);
    }
  }
  return { apps: [...apps], domains };
}

interface Hop {
  readonly hop: "public" | "proxy" | "network" | "container" | "app";
  readonly ok: boolean | undefined;
  readonly where: string;
  readonly seen: string;
  readonly ms?: number;
}

/** At which hop a way breaks that breaks at this place. */
const HOP: Readonly<Record<Place, Hop["hop"]>> = {
  "proxy.down": "proxy",
  "proxy.network": "network",
  "proxy.router.conflict": "proxy",
  "route.unknown-host": "proxy",
  "proxy.name.stale": "proxy",
  "proxy.upstream.port": "container",
  "proxy.upstream.loopback": "container",
  "proxy.upstream.silent": "container",
  "proxy.upstream.slow": "app",
  "proxy.upstream.error": "app",
  "proxy.upstream.gateway": "proxy",
  "route.loop": "public",
  "route.hairpin": "public",
  "route.public": "public",
};

function pick({ scene, way, outcome, findings }: Followed) {
  return {
    domain: way.route.domain,
    path: way.path,
    app: way.app.name,
    service: way.service.name,
    proxy: way.proxy.container,
    host: scene.host.name,
    fails: "broken" in outcome ? HOP[outcome.broken.at] : undefined,
    beside: "beside" in outcome ? outcome.beside : undefined,
    findings,
  };
}

function hopsOf({ scene, seen, way, outcome }: Followed): readonly Hop[] {
  const fails = "broken" in outcome ? HOP[outcome.broken.at] : undefined;
  const known = <T>(what: (seen: Seen) => T): T | undefined => {
    try {
      return what(seen);
    } catch {
      return undefined;
    }
  };
  const containers = known(({ containers }) => containers) ?? [];
  const asked = known(({ hops }) => hops[keyOf(way)]);
  const proxy = proxyContainer(way, containers);
  const [container] = containersOf(scene, way, containers);
  const shared = proxy && container ? sharedNetworks(proxy, container) : [];
  const listeners = known(({ sockets }) => container && sockets[container.name]);
  const open = [...new Set(listeners?.map(({ port, loopback }) => (loopback ? `127.0.0.1:${port}` : `${port}`)))];
  const routed = known(({ proxies }) =>
    routedOf(
      way,
      proxies?.proxies.find(({ name }) => name === way.proxy.name),
      containers,
    ),
  )?.[0];
  const to = routed?.upstreams.map(({ host, port }) => `${host}:${port}`).join(", ");
  const mark = (hop: Hop["hop"], good: boolean | undefined) => (fails === hop ? false : good);
  return [
    {
      hop: "public",
      ok: mark("public", answered(asked?.public[0])),
      where: asked?.public[0]?.to ?? way.route.domain,
      ...toldOf(asked?.public),
    },
    {
      hop: "proxy",
      ok: mark("proxy", proxy?.state === "running" ? answered(asked?.proxy) : false),
      where: way.proxy.container,
      ...(proxy?.state === "running"
        ? toldOf(asked?.proxy && [asked.proxy], to && `, leads to ${to}`)
        : { seen: proxy?.state ?? "isn't there" }),
    },
    {
      hop: "network",
      ok: mark("network", proxy && container && shared.length > 0),
      where: shared.join(", ") || "none is shared",
      seen: `${way.proxy.container} and ${container?.name ?? way.service.name}`,
    },
    {
      hop: "container",
      ok: mark("container", container !== undefined),
      where: container?.name ?? "none is running",
      seen: open.length > 0 ? `listens on ${open.join(", ")}` : container ? "what listens isn't known" : "",
    },
    { hop: "app", ok: mark("app", answered(asked?.app)), where: asked?.app?.to ?? "", ...toldOf(asked?.app && [asked.app]) },
  ];
}

function answered(asked: Asked | undefined): boolean | undefined {
  if (!asked || asked.kind === "name") return undefined;
  return asked.status !== undefined && asked.status < 500;
}

function toldOf(asked: readonly Asked[] | undefined, more = ""): Pick<Hop, "seen" | "ms"> {
  const [first] = asked ?? [];
  if (!asked || !first) return { seen: "not asked" };
  const words = asked.map(({ status, location, error }) =>
    status === undefined ? error : `${status}${location ? ` → ${location}` : ""}`,
  );
  return { seen: `${words.join(", ")}${more}`, ms: asked.reduce((sum, { ms }) => sum + ms, 0) };
}

function linesOf(one: ReturnType<typeof pick> & { readonly hops: readonly Hop[] }): readonly string[] {
  const rows = one.hops.map(({ hop, ok, where, seen, ms }) => [
    ok === undefined ? "?" : ok ? "✔" : "✖",
    hop,
    where,
    `${clean(seen)}${ms === undefined ? "" : `  ${ms} ms`}`,
  ]);
  const counts = { pass: 0, fail: one.findings.length, skip: 0, unknown: 0, crash: 0 };
  const found = diagnosisLines([{ host: one.host, findings: one.findings, ignored: [], unknown: [], crashed: [], counts }]).slice(
    1,
  );
  return [
    `${one.domain}${one.path === "/" ? "" : one.path}  ${one.service} of ${one.app} on ${one.host}`,
    ...table(["", "hop", "", ""], rows)
      .slice(1)
      .map((text) => `  ${text}`),
    ...(one.fails === undefined ? [] : [`  the first hop that fails: ${one.fails}`]),
    ...(one.beside === undefined ? [] : [`  it can't be told further: ${clean(one.beside)}`]),
    ...found,
  ];
}
