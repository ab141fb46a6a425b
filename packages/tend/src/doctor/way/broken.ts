import { isIPv4 } from "node:net";
import { routings } from "../../proxy/index.ts";
import { routesFor } from "../../proxy/routing.ts";
import { type Conflict, conflictsOf } from "../../proxy/traefik/conflicts.ts";
import { networksOf, settingsOf } from "../../proxy/traefik/routes.ts";
import { command, sh } from "../../transport/argv.ts";
import type { ContainerSeen } from "../facts/containers.ts";
import { since } from "../watched.ts";
import { asAnswered } from "./answered.ts";
import { type Further, is, type Looking, type Outcome, PLACES, type Place, reloadFix } from "./place.ts";
import {
  containersOf,
  type DeclaredWay,
  isAt,
  keyOf,
  lookedAt,
  proxyContainer,
  routedOf,
  routesOf,
  sharedNetworks,
} from "./routed.ts";

/** Walks along a way until it breaks. One fault has one place: whoever asks for another place gets no answer. */
export function walk({ seen, scene, way, until }: Looking): Outcome {
  const { domain } = way.route;
  const proxy = proxyContainer(way, seen.containers);
  const upTo = (place: Place) => PLACES.indexOf(until) < PLACES.indexOf(place);
  if (proxy?.state !== "running") {
    const stop = proxy && proxy.exitCode !== 0 ? ` with status ${proxy.exitCode}` : "";
    return is("proxy.down", {
      title: `${way.proxy.container}, the proxy of ${domain}, ${proxy ? `isn't running: it is ${proxy.state}${stop}` : "isn't there"}`,
      evidence: [
        proxy
          ? `${proxy.name}: ${proxy.state}, exit ${proxy.exitCode}, since ${proxy.finishedAt}`
          : `no container is called ${way.proxy.container}`,
        ...(proxy?.error ? [proxy.error] : []),
      ],
      fix: {
        class: "person",
        text: `look why: docker logs --tail 20 ${way.proxy.container}; then start it`,
        commands: [command(["docker", "start", way.proxy.container])],
      },
    });
  }
  if (upTo("proxy.network")) return { whole: true };
  const [container] = containersOf(scene, way, seen.containers);
  if (!container) return { beside: `no container of ${way.service.name} is running` };
  if (container.networkMode.startsWith("container:")) return { beside: `${container.name} is in another container's network` };
  const shared = sharedNetworks(proxy, container);
  if (!isPublished(way, container)) {
    if (shared.length === 0) return offNetwork(way, proxy, container);
    const chosen = way.proxy.kind === "traefik" ? networksOf(container) : shared;
    if (!chosen.some((name) => shared.includes(name))) return wrongNetwork(way, proxy, container, chosen, shared);
  }
  if (container.health?.status === "starting") return { beside: `${container.name} is still starting` };
  if (upTo("proxy.router.conflict")) return { whole: true };
  if (way.proxy.kind === "traefik") {
    const conflicts = conflictsOf(seen.containers, settingsOf(lookedAt(seen, way)?.configuration ?? ""));
    const conflict = conflicts.find(
      ({ containers, places }) => containers.includes(container.name) && routesFor(places, domain, way.path)?.length !== 0,
    );
    if (conflict) return inConflict(way, container, conflict);
  }
  if (upTo("route.unknown-host")) return { whole: true };
  return throughProxy({ seen, scene, way, until, proxy, container, upTo });
}

function offNetwork(way: DeclaredWay, proxy: ContainerSeen, container: ContainerSeen): Outcome {
  const { kind } = way.proxy;
  const network = way.proxy.network ?? Object.keys(proxy.networks)[0] ?? "NETWORK";
  return is("proxy.network", {
    title: `${container.name} is off the proxy's network: ${proxy.name} can't reach it, and ${way.route.domain} is ${kind === "traefik" ? "a gateway error" : "502 or 503"}`,
    evidence: [isOn(proxy), isOn(container)],
    cause: "the compose file doesn't name the network for this service, or somebody has disconnected it",
    fix: {
      class: "person",
      text: `name ${network} among the service's networks (external: true), and deploy. At once, until then:`,
      commands: [
        sh`docker network connect ${aliasesOf(container)} ${network} ${container.name}`,
        ...(kind === "nginx" || kind === "nginx-proxy" ? [routings[kind].reload(way.proxy.container)] : []),
      ],
    },
  });
}

function wrongNetwork(
  way: DeclaredWay,
  proxy: ContainerSeen,
  container: ContainerSeen,
  chosen: readonly string[],
  shared: readonly string[],
): Outcome {
  return is("proxy.network", {
    title: `Traefik asks for ${container.name} on ${chosen.join(", ")}, where it isn't itself: ${way.route.domain} is a gateway error`,
    evidence: [isOn(proxy), isOn(container), `its label traefik.docker.network says ${chosen.join(", ")}`],
    fix: { class: "person", text: `write ${shared[0]} into the label traefik.docker.network, and deploy` },
  });
}

function isOn({ name, networks }: ContainerSeen): string {
  return `${name} is on ${Object.keys(networks).join(", ") || "no network"}`;
}

function inConflict({ route }: DeclaredWay, container: ContainerSeen, { router, containers, differ }: Conflict): Outcome {
  const others = containers.filter((other) => other !== container.name);
  return is("proxy.router.conflict", {
    title: `Traefik drops the router ${router}, and ${route.domain} is 404: ${containers.join(" and ")} define it differently`,
    evidence: differ,
    cause: "two containers say different things under one router's name; often an old one that is still running",
    fix: {
      class: "person",
      text: `stop the container that is superseded, or give its router another name: ${others.join(", ")}`,
    },
  });
}

/** A proxy that is told an address may go by the host, and needs no network in common. */
function isPublished({ proxy: { kind } }: DeclaredWay, { networkMode, published }: ContainerSeen): boolean {
  const open = published.some(({ address }) => !/^(127\.|::1)/.test(address));
  return networkMode === "host" || ((kind === "nginx" || kind === "caddy") && open);
}

function throughProxy(looking: Further): Outcome {
  const { seen, scene, way, proxy, container, upTo } = looking;
  const { domain } = way.route;
  const kind = way.proxy.kind;
  const looked = lookedAt(seen, way);
  const routes = routedOf(way, looked, seen.containers);
  // A configuration that the proxy refuses isn't the one that it runs with: what it really does is asked for below.
  const sure = routes !== undefined && looked?.refuses === undefined;
  // Traefik has other providers than labels: what it answers to strangers is 404.
  const elsewhere = kind === "traefik" && ![undefined, 404].includes(seen.hops[keyOf(way)]?.proxy?.status);
  if (sure && routes.length === 0 && !elsewhere) {
    if (kind === "traefik" && container.health?.status === "unhealthy")
      return { beside: `Traefik leaves ${container.name} out, since it is unhealthy` };
    const known = [
      ...new Set(
        routesOf(way.proxy, looked, seen.containers)?.map((route) => `${route.domain}${route.path === "/" ? "" : route.path}`),
      ),
    ];
    return is("route.unknown-host", {
      title: `${proxy.name} has no route for ${domain}${way.path === "/" ? "" : way.path}`,
      evidence: [`it routes ${known.slice(0, 8).join(", ") || "nothing"}`, saysWhere(kind, container)],
      cause: `the name in ${NAMED_IN[kind]} isn't the declared one`,
      fix: {
        class: "person",
        text: `correct ${NAMED_IN[kind]}, and ${THEN[kind]}; or the declared domain, if that is wrong. What is to be written: tend route add ${way.app.name} ${way.service.name} ${domain} --dry-run`,
      },
    });
  }
  if (upTo("proxy.name.stale")) return { whole: true };
  const routed = sure ? routes[0] : undefined;
  if (routed) {
    const led = routed.upstreams.map(({ host }) => host);
    // Several may serve one domain: replicas, the container that stands in during a deploy, other services.
    const serving = [...containersOf(scene, way, seen.containers), ...seen.containers.filter((one) => bears(one, domain))];
    const wrong = led.some((host) => isIPv4(host) && !serving.some((one) => isAt(one, host)));
    if (kind === "nginx-proxy" && (led.length === 0 || wrong)) {
      return is("proxy.name.stale", {
        title: `${proxy.name} hasn't noticed where ${container.name} is now: ${domain} is ${led.length === 0 ? "502" : "led to an address that isn't its"}`,
        evidence: [
          led.length === 0
            ? "its generated configuration has no usable server for the domain"
            : `its configuration leads to ${led.join(", ")}`,
          `${container.name} is at ${addressesOf(container)}`,
        ],
        cause: "before 1.10, nginx-proxy isn't told when a container is connected to a network",
        fix: reloadFix(way, "generate the configuration again, and reload"),
      });
    }
  }
  if (upTo("proxy.upstream.port")) return { whole: true };
  const at = routed?.upstreams.find(({ host }) => isAt(container, host))?.port ?? way.route.port;
  const listeners = seen.sockets[container.name];
  if (listeners && at !== undefined && container.networkMode !== "host") {
    const fitting = listeners.filter(({ port }) => port === at);
    const open = [...new Set(listeners.filter(({ loopback }) => !loopback).map(({ port }) => port))];
    if (fitting.length === 0 && open.length > 0) {
      return is("proxy.upstream.port", {
        title: `${proxy.name} sends ${domain} to port ${at} of ${container.name}, which listens on ${open.join(", ")}`,
        evidence: [saysWhere(kind, container), `LISTEN in ${container.name}: ${open.join(", ")}`],
        fix: { class: "person", text: `write ${open[0]} into ${PORT_IN[kind]}, and ${THEN[kind]}` },
      });
    }
    if (upTo("proxy.upstream.loopback")) return { whole: true };
    if (fitting.length > 0 && fitting.every(({ loopback }) => loopback)) {
      return is("proxy.upstream.loopback", {
        title: `${container.name} listens on port ${at} of 127.0.0.1 alone: nobody outside of the container can reach it`,
        evidence: [`LISTEN in ${container.name}: 127.0.0.1:${at}`],
        fix: { class: "person", text: "let it listen on 0.0.0.0 (--host 0.0.0.0, HOST=0.0.0.0, bind = 0.0.0.0), and deploy" },
      });
    }
    if (upTo("proxy.upstream.silent")) return { whole: true };
    if (listeners.length === 0) {
      return is("proxy.upstream.silent", {
        title: `nothing listens in ${container.name}: ${domain} is 502`,
        evidence: [`no LISTEN socket in ${container.name}, which was started at ${container.startedAt}`],
        cause: "it is still busy before it listens (a migration, say), or it hangs",
        lasting: since(container.startedAt, scene.now),
        fix: {
          class: "person",
          text: `see what it does: tend logs ${way.app.name} --only ${way.service.name}. A health check keeps requests away until it listens`,
        },
      });
    }
  }
  if (upTo("proxy.upstream.slow")) return { whole: true };
  return asAnswered(looking, routed, at);
}

const NAMED_IN = {
  "nginx-proxy": "VIRTUAL_HOST",
  nginx: "server_name",
  caddy: "the site's address in the Caddyfile",
  traefik: "the Host rule of its labels",
} as const;
/** What makes it hold. */
const THEN = { "nginx-proxy": "deploy", nginx: "reload", caddy: "reload", traefik: "deploy" } as const;
const PORT_IN = {
  "nginx-proxy": "VIRTUAL_PORT",
  nginx: "proxy_pass",
  caddy: "reverse_proxy",
  traefik: "the label …loadbalancer.server.port",
} as const;

function saysWhere(kind: keyof typeof NAMED_IN, { name, env, labels }: ContainerSeen): string {
  if (kind === "nginx-proxy")
    return `${name}: VIRTUAL_HOST=${env["VIRTUAL_HOST"] ?? ""} VIRTUAL_PORT=${env["VIRTUAL_PORT"] ?? ""}`;
  if (kind === "traefik") {
    const telling = Object.entries(labels).filter(([label]) =>
      /^traefik\.(enable|http\.routers\.[^.]+\.rule|http\.services\..*port)$/i.test(label),
    );
    return `${name}: ${telling.map(([label, value]) => `${label}=${value}`).join(" ") || "no labels for Traefik"}`;
  }
  return `it is the proxy's own configuration that says so, not a label of ${name}`;
}

/** The name that the proxy knows it by may be its service's. */
function aliasesOf({ service }: ContainerSeen): readonly string[] {
  return service === undefined ? [] : ["--alias", service];
}

function addressesOf({ networks }: ContainerSeen): string {
  return Object.entries(networks)
    .map(([name, { address }]) => `${address} on ${name}`)
    .join(", ");
}

/** Whether nginx-proxy is asked to lead the domain to it. */
function bears({ env }: ContainerSeen, domain: string): boolean {
  return (env["VIRTUAL_HOST"] ?? "").split(",").some((one) => one.trim() === domain);
}
