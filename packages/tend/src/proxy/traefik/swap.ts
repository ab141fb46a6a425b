import { command, sh } from "../../transport/argv.ts";
import type { ProxyRules } from "../proxy.ts";

/** Traefik looks at health events and gathers changes for up to 2 s (providersThrottleDuration's default). */
const pastTheThrottle = command(["sleep", "3"]);
const DRAIN_FILE = "/tmp/tend-drain";
/** Above any priority that comes from a rule's length. */
const FIRST = 1_000_000;

/**
 * Traefik can't be told to spare a container, and doesn't retry. So the surge gets routers of its own that win over
 * the service's; the old container is without requests when it stops. And the surge is drained by its health: Traefik
 * drops an unhealthy container while that goes on serving what it has begun.
 */
export const traefik: ProxyRules = {
  kind: "traefik",
  overlay: (swap) => ({ aliases: [], labels: surgeLabels(swap.labels, swap.route.port), drainFile: DRAIN_FILE }),
  toSurge: () => [pastTheThrottle],
  retireOld: () => [],
  toMain: (swap) => [
    pastTheThrottle,
    command(["docker", "exec", swap.surge, "touch", DRAIN_FILE]),
    sh`while [ "$(docker container inspect --format '{{.State.Health.Status}}' ${swap.surge})" = healthy ]; do sleep 0.2; done`,
    pastTheThrottle,
  ],
  afterSurge: () => [],
};

const ROUTER = /^(traefik\.(?:http|tcp)\.routers\.)([^.]+)(\..+)$/i;
const SERVICE = /^(traefik\.(?:http|tcp)\.services\.)([^.]+)(\..+)$/i;
const surged = (name: string) => `${name}-surge`;

/** The service's labels with every router and service under a name of its own; middlewares stay, alike on both. */
export function surgeLabels(
  labels: Readonly<Record<string, string>>,
  port: number | undefined,
): Readonly<Record<string, string>> {
  const own: Record<string, string> = {};
  const routers = new Map<string, string>();
  const withService = new Set<string>();
  const services = new Set<string>();
  for (const [label, value] of Object.entries(labels)) {
    const [, before, name, after] = ROUTER.exec(label) ?? SERVICE.exec(label) ?? [];
    if (!before || !name || !after) {
      own[label] = value;
      continue;
    }
    const isRouter = ROUTER.test(label);
    const [service, provider] = isRouter && after.toLowerCase() === ".service" ? value.split("@") : [];
    const pointsHere = service !== undefined && (provider === undefined || provider === "docker");
    if (service !== undefined) withService.add(name);
    if (isRouter) routers.set(name, before);
    else services.add(name);
    own[`${before}${surged(name)}${after}`] = pointsHere ? surged(service) : value;
  }
  // A router that names no service gets the container's only one; that would be the one shared with the old container.
  const fallback = [...services][0] ?? "tend";
  for (const [router, before] of routers) {
    own[`${before}${surged(router)}.priority`] = String(FIRST);
    if (!withService.has(router)) own[`${before}${surged(router)}.service`] = surged(fallback);
  }
  if (services.size === 0 && port !== undefined)
    own[`traefik.http.services.${surged(fallback)}.loadbalancer.server.port`] = String(port);
  return own;
}
