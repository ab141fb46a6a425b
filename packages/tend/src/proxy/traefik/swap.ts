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

const PART = /^(traefik\.(http|tcp)\.)(routers|services)\.([^.]+)(\..+)$/i;
const surged = (name: string) => `${name}-surge`;

/** The service's labels with every router and service under a name of its own; middlewares stay, alike on both. */
export function surgeLabels(
  labels: Readonly<Record<string, string>>,
  port: number | undefined,
): Readonly<Record<string, string>> {
  const own: Record<string, string> = {};
  const services = { http: new Set<string>(), tcp: new Set<string>() };
  const routers = new Map<string, { readonly before: string; readonly of: "http" | "tcp"; service?: string }>();
  for (const [label, value] of Object.entries(labels)) {
    const [, protocol, is, kind, name, option] = PART.exec(label) ?? [];
    if (!protocol || !is || !kind || !name || !option) {
      own[label] = value;
      continue;
    }
    const of = is.toLowerCase() === "http" ? "http" : "tcp";
    const before = `${protocol}${kind}.${surged(name)}`;
    own[`${before}${option}`] = value;
    if (kind.toLowerCase() === "services") services[of].add(name);
    else if (option.toLowerCase() === ".service") routers.set(`${of} ${name}`, { before, of, service: value });
    else routers.set(`${of} ${name}`, routers.get(`${of} ${name}`) ?? { before, of });
  }
  if (services.http.size === 0 && port !== undefined) {
    services.http.add("tend");
    own[`traefik.http.services.${surged("tend")}.loadbalancer.server.port`] = String(port);
  }
  for (const { before, of, service } of routers.values()) {
    own[`${before}.priority`] = String(FIRST);
    const [name = "", provider = "docker"] = service?.split("@") ?? [];
    // One that names no service gets the container's only one; that would be the one shared with the old container.
    const [only] = services[of];
    if (service === undefined && only !== undefined) own[`${before}.service`] = surged(only);
    if (provider === "docker" && services[of].has(name)) own[`${before}.service`] = surged(name);
  }
  return own;
}
