import type { Service } from "../../model/fleet.ts";
import type { Step, Watch } from "../../plan/plan.ts";
import type { Place } from "../runtime.ts";
import type { ComposeFacts } from "./look.ts";
import { type Move, proxyOf } from "./moves.ts";

/** The public address of a service, as its users reach it. */
export function publicWatch(place: Place, service: Service): Watch | undefined {
  const { route, probe } = service;
  if (!route) return undefined;
  const proxy = route.proxy ? place.fleet.proxies.get(route.proxy) : undefined;
  const path = isPublic(service) ? (probe?.path ?? "/") : (route.paths[0] ?? "/");
  const via = proxy?.url;
  const scheme = via?.protocol ?? "https:";
  const port = via ? Number(via.port || (via.protocol === "https:" ? 443 : 80)) : undefined;
  const standard = !port || port === (scheme === "https:" ? 443 : 80);
  return {
    url: `${scheme}//${route.domain}${standard ? "" : `:${port}`}${path}`,
    connect: via && port ? { host: via.hostname, port } : undefined,
    status: probe?.status,
  };
}

/** Whether users reach the probe's path: a proxy that takes a prefix off shows it to nobody. */
function isPublic({ route, probe }: Service): boolean {
  const paths = route?.paths.length ? route.paths : ["/"];
  return paths.some((path) => probe?.path === path || probe?.path.startsWith(path.endsWith("/") ? path : `${path}/`));
}

/** The last word of a deploy: its users' own address answers. */
export function publicProbes(place: Place, facts: ComposeFacts, changing: readonly Move[]): readonly Step[] {
  return changing.flatMap(({ service, guard }) => {
    const target = publicWatch(place, service);
    if (!target || !isPublic(service) || proxyOf(place, facts, service)?.up === false) return [];
    return [
      {
        id: `public-${service.name}`,
        title: target.url,
        because: "a release is live when its users reach it",
        effect: "reads" as const,
        phase: "switch" as const,
        guard,
        action: { kind: "probe" as const, target, deadline: 20 },
        fails: { id: "release.unreachable", title: `${target.url} doesn't answer as it should` },
      },
    ];
  });
}
