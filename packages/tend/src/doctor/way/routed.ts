import type { App, Proxy, Route, Service } from "../../model/fleet.ts";
import { routings } from "../../proxy/index.ts";
import { type Routed, routesFor } from "../../proxy/routing.ts";
import type { ContainerSeen } from "../facts/containers.ts";
import type { Seen } from "../facts/index.ts";
import { type ProxySeen, proxiesOf } from "../facts/proxies.ts";
import type { Subject } from "../finding.ts";
import { apps } from "../owner.ts";
import { type Scene, subjectOf } from "../scene.ts";

/** A declared route whose proxy and app are on the host that is looked at. */
export interface DeclaredWay {
  readonly app: App;
  readonly service: Service;
  readonly route: Route;
  readonly proxy: Proxy;
  readonly subject: Subject;
  /** What is asked for: the probe's path where users can reach it, else the route's first. */
  readonly path: string;
}

export function* waysOf(scene: Scene): Iterable<DeclaredWay> {
  const here = new Map(proxiesOf(scene).map((proxy) => [proxy.name, proxy]));
  for (const app of scene.apps) {
    if (app.runtime !== "compose") continue;
    for (const service of app.services) {
      const { route } = service;
      const proxy = route?.proxy && here.get(route.proxy);
      if (!route || !proxy) continue;
      yield { app, service, route, proxy, subject: subjectOf(scene, app, service), path: pathOf(service, route) };
    }
  }
}

/** `app/web` names a way among the facts. */
export function keyOf({ app, service }: DeclaredWay): string {
  return `${app.name}/${service.name}`;
}

/** The running containers of a way's service. */
export function containersOf(
  scene: Scene,
  way: Pick<DeclaredWay, "app" | "service">,
  all: readonly ContainerSeen[],
): readonly ContainerSeen[] {
  const own = [...apps(scene, all)].filter((owned) => owned.app === way.app && owned.service.name === way.service.name);
  return own.map(({ container }) => container).filter(({ state }) => state === "running");
}

export function proxyContainer({ proxy }: DeclaredWay, all: readonly ContainerSeen[]): ContainerSeen | undefined {
  return all.find(({ name }) => name === proxy.container);
}

/** What is known of a way's proxy beside its container. */
export function lookedAt({ proxies }: Pick<Seen, "proxies">, { proxy }: DeclaredWay): ProxySeen | undefined {
  return proxies?.proxies.find(({ name }) => name === proxy.name);
}

/** The route that a request takes; undefined where there is none, or it can't be told. */
export function taken(seen: Pick<Seen, "proxies" | "containers">, way: DeclaredWay): Routed | undefined {
  return routedOf(way, lookedAt(seen, way), seen.containers)?.[0];
}

/** What the running proxy has for the way; undefined where its configuration doesn't tell. */
export function routedOf(
  way: DeclaredWay,
  seen: ProxySeen | undefined,
  containers: readonly ContainerSeen[],
): readonly Routed[] | undefined {
  const all = routesOf(way.proxy, seen, containers);
  return all && routesFor(all, way.route.domain, way.path);
}

export function routesOf(
  proxy: Proxy,
  seen: ProxySeen | undefined,
  containers: readonly ContainerSeen[],
): readonly Routed[] | undefined {
  if (seen?.configuration === undefined) return undefined;
  if (seen.configuration === "" && proxy.kind !== "traefik") return undefined;
  return routings[proxy.kind].routes(seen.configuration, containers);
}

/** Networks on which the proxy can reach the container; from the host's own, that is all of them. */
export function sharedNetworks(proxy: ContainerSeen, container: ContainerSeen): readonly string[] {
  if (proxy.networkMode === "host") return Object.keys(container.networks);
  return Object.keys(container.networks).filter((name) => name in proxy.networks);
}

/** Whether a name or an address of a configuration is the container's. */
export function isAt({ name, state, networks }: ContainerSeen, host: string): boolean {
  if (state !== "running") return false;
  return name === host || Object.values(networks).some(({ address, aliases }) => address === host || aliases.includes(host));
}

function pathOf({ probe }: Service, { paths }: Route): string {
  const first = paths[0] ?? "/";
  const isPublic = paths.some((path) => probe?.path === path || probe?.path.startsWith(path.endsWith("/") ? path : `${path}/`));
  return isPublic && probe ? probe.path : first;
}
