import type { Asked } from "../../doctor/way/ask.ts";
import type { Place } from "../../doctor/way/place.ts";
import { sharedNetworks } from "../../doctor/way/routed.ts";
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
    const routes = followed.map((one) => ({ ...told(one), hops: hopsOf(one) }));
    return {
      data: { routes },
      lines:
        followed.length === 0
          ? ["no routes are declared: apps.APP.services.SERVICE.route"]
          : routes.flatMap((one, at) => [...(at > 0 ? [""] : []), ...linesOf(one)]),
      exit: routes.some(
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

function told({ scene, way, outcome, findings }: Followed) {
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

export function hopsOf({ way, proxy, routed, container, listens, asked, outcome }: Followed): readonly Hop[] {
  const fails = "broken" in outcome ? HOP[outcome.broken.at] : undefined;
  const mark = (hop: Hop["hop"], good: boolean | undefined) => ({ hop, ok: fails === hop ? false : good });
  const shared = proxy && container ? sharedNetworks(proxy, container) : [];
  const open = [...new Set(listens?.map(({ port, loopback }) => (loopback ? `127.0.0.1:${port}` : `${port}`)))];
  const to = routed?.upstreams.map(({ host, port }) => `${host}:${port}`).join(", ");
  return [
    {
      ...mark("public", answered(asked?.public[0])),
      where: asked?.public[0]?.to ?? way.route.domain,
      ...toldOf(asked?.public),
    },
    {
      ...mark("proxy", proxy?.state === "running" ? answered(asked?.proxy) : false),
      where: way.proxy.container,
      ...(proxy?.state === "running"
        ? toldOf(asked?.proxy && [asked.proxy], to && `, leads to ${to}`)
        : { seen: proxy?.state ?? "isn't there" }),
    },
    {
      // A proxy that goes by the host's own ports needs none.
      ...mark("network", shared.length > 0 ? true : undefined),
      where: shared.join(", ") || "none is shared",
      seen: `${way.proxy.container} and ${container?.name ?? way.service.name}`,
    },
    {
      ...mark("container", container !== undefined),
      where: container?.name ?? "none is running",
      seen: open.length > 0 ? `listens on ${open.join(", ")}` : container ? "what listens isn't known" : "",
    },
    { ...mark("app", answered(asked?.app)), where: asked?.app?.to ?? "", ...toldOf(asked?.app && [asked.app]) },
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

function linesOf(one: ReturnType<typeof told> & { readonly hops: readonly Hop[] }): readonly string[] {
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
