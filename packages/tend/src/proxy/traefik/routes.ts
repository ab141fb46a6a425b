import { sh } from "../../transport/argv.ts";
import type { Labelled, ProxyRouting, Routed, Upstream } from "../routing.ts";
import { placesOf } from "./rule.ts";

/** Of its arguments and its environment those that say how containers become routes. */
const KEPT = "^(--?(providers\\.docker|entrypoints|api|ping)|TRAEFIK_PROVIDERS_DOCKER_(EXPOSEDBYDEFAULT|NETWORK)=)";
/** The same of its file, written as arguments. */
const FROM_FILE = String.raw`s/^[[:space:]]*(exposedByDefault|network)[[:space:]]*[:=][[:space:]]*["']?([A-Za-z0-9_.-]+).*/--providers.docker.\1=\2/pI`;
const FILES = ["yml", "yaml", "toml"].map((ending) => `/etc/traefik/traefik.${ending}`);

/** Its docker provider's rules, by the labels of the containers: that is where the routes are declared. */
export const traefikRouting: ProxyRouting = {
  kind: "traefik",
  script: (container) =>
    sh`docker container inspect --format '{{range .Args}}{{println .}}{{end}}{{range .Config.Env}}{{println .}}{{end}}' ${container} | grep -iE ${KEPT}
docker exec ${container} cat ${FILES} 2>/dev/null | sed -nE ${FROM_FILE}`,
  version: (container) => sh`docker exec ${container} traefik version 2>/dev/null | sed -n 's/^Version: *//p'`,
  routes: (configuration, containers) => {
    const settings = settingsOf(configuration);
    return containers.filter((one) => isTaken(one, settings)).flatMap((container) => routesOf(container, settings));
  },
  // It watches; there is nothing to be told.
  reload: () => sh`:`,
};

export interface Settings {
  readonly exposed: boolean;
  readonly network?: string;
}

export function settingsOf(configuration: string): Settings {
  const given = new Map(
    configuration.split("\n").flatMap((line): [string, string][] => {
      const [, key, value = "true"] = /^(?:--?|TRAEFIK_)([^=\s]+)(?:=(.*))?$/i.exec(line.trim()) ?? [];
      return key === undefined ? [] : [[key.toLowerCase().replaceAll("_", "."), value]];
    }),
  );
  return {
    exposed: given.get("providers.docker.exposedbydefault")?.toLowerCase() !== "false",
    network: given.get("providers.docker.network"),
  };
}

/** Whether Traefik looks at the container's labels at all. */
export function isTaken({ labels, state, health }: Labelled, { exposed }: Settings): boolean {
  const enabled = lowered(labels)["traefik.enable"]?.toLowerCase();
  if (!(enabled === undefined ? exposed : enabled === "true")) return false;
  return state === "running" && !["starting", "unhealthy"].includes(health?.status ?? "");
}

/** The networks that Traefik may take a container's address from; it takes one at random where there are several. */
export function networksOf({ labels, networks }: Labelled, preferred?: string): readonly string[] {
  const named = lowered(labels)["traefik.docker.network"] ?? preferred;
  return named !== undefined && named in networks ? [named] : Object.keys(networks);
}

type Options = Readonly<Record<string, string>>;

/** The routers that a container's labels define: `web` → its rule. */
export function routersOf({ labels }: Pick<Labelled, "labels">): ReadonlyMap<string, Options> {
  return defined("routers", labels);
}

/** The services, in the same way. */
export function servicesOf({ labels }: Pick<Labelled, "labels">): ReadonlyMap<string, Options> {
  return defined("services", labels);
}

function defined(what: "routers" | "services", labels: Readonly<Record<string, string>>): ReadonlyMap<string, Options> {
  const all = new Map<string, Options>();
  for (const [label, value] of Object.entries(lowered(labels))) {
    const [, kind, name, option] = /^traefik\.http\.(routers|services)\.([^.]+)\.(.+)$/.exec(label) ?? [];
    if (kind === what && name !== undefined && option !== undefined) all.set(name, { ...all.get(name), [option]: value });
  }
  return all;
}

export const PORT = "loadbalancer.server.port";

function routesOf(container: Labelled, { network }: Settings): readonly Routed[] {
  const services = servicesOf(container);
  return [...routersOf(container).values()].flatMap((options) => {
    // A router without a service gets the container's only one; where there are several, Traefik drops it.
    if (options["service"] === undefined && services.size > 1) return [];
    const service = serviceOf(options["service"], services);
    const port = service && (Number(service[PORT]) || lowest(container.exposed));
    const upstreams = networksOf(container, network).flatMap((name): readonly Upstream[] => {
      const host = container.networks[name]?.address;
      return host && port ? [{ host, port }] : [];
    });
    return placesOf(options["rule"] ?? "").map(
      (place): Routed => ({
        ...place,
        upstreams,
        lookedUp: true,
        tls: Object.keys(options).some((option) => /^tls(\.|$)/.test(option)) && options["tls"] !== "false",
        tellsScheme: true,
        upgrades: true,
        ...(isBroken(options["middlewares"], container.labels) ? { brokenLogin: true } : {}),
      }),
    );
  });
}

/** Undefined where it is defined elsewhere: by a file, or by another container. */
function serviceOf(name: string | undefined, services: ReadonlyMap<string, Options>): Options | undefined {
  const [own, provider] = (name ?? "").toLowerCase().split("@");
  if (provider !== undefined && provider !== "docker") return undefined;
  if (services.size === 0) return {};
  return name === undefined ? services.values().next().value : services.get(own as string);
}

/** A login is broken where Compose has eaten the dollars of the hash: `$apr1$…` was to be written `$$apr1$$…`. */
function isBroken(middlewares: string | undefined, labels: Readonly<Record<string, string>>): boolean {
  const logins = (middlewares ?? "").split(",").flatMap((name) => {
    const own = name
      .trim()
      .toLowerCase()
      .replace(/@docker$/, "");
    return lowered(labels)[`traefik.http.middlewares.${own}.basicauth.users`]?.split(",") ?? [];
  });
  return logins.length > 0 && logins.every((user) => !/^[^:]+:(\$(apr1|2[aby]|5|6)\$|\{SHA\})/.test(user.trim()));
}

function lowered(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label.toLowerCase(), value]));
}

function lowest(exposed: readonly string[]): number | undefined {
  const ports = exposed.flatMap((port) => (port.endsWith("/tcp") ? [Number.parseInt(port, 10)] : []));
  return ports.length > 0 ? Math.min(...ports) : undefined;
}
