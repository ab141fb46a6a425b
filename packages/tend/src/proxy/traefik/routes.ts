import { sh } from "../../transport/argv.ts";
import type { Labelled, ProxyRouting, Routed, Upstream } from "../routing.ts";

/** Of its arguments those that say how containers become routes. */
const KEPT = "^--?(providers\\.docker|entrypoints|api|ping)";

/** Its docker provider's rules, by the labels of the containers: that is where the routes are declared. */
export const traefikRouting: ProxyRouting = {
  kind: "traefik",
  script: (container) =>
    sh`docker container inspect --format '{{range .Args}}{{println .}}{{end}}' ${container} | grep -iE ${KEPT} || :`,
  version: (container) => sh`docker exec ${container} traefik version 2>/dev/null | sed -n 's/^Version: *//p'`,
  routes: (configuration, containers) => {
    const settings = readArguments(configuration);
    return containers.flatMap((container) => routesOf(container, settings));
  },
  // It watches; there is nothing to be told.
  reload: () => sh`:`,
};

interface Settings {
  readonly exposed: boolean;
  readonly network?: string;
}

function readArguments(text: string): Settings {
  const given = new Map(
    text.split("\n").flatMap((line): [string, string][] => {
      const [, key, value = "true"] = /^--?([^=\s]+)(?:=(.*))?$/.exec(line.trim()) ?? [];
      return key === undefined ? [] : [[key.toLowerCase(), value]];
    }),
  );
  return { exposed: given.get("providers.docker.exposedbydefault") !== "false", network: given.get("providers.docker.network") };
}

const ROUTER = /^traefik\.http\.routers\.([^.]+)\.(.+)$/;
const PORT = /^traefik\.http\.services\.([^.]+)\.loadbalancer\.server\.port$/;

/** The networks that Traefik may take a container's address from; it takes one at random where there are several. */
export function networksOf({ labels, networks }: Labelled, preferred: string | undefined): readonly string[] {
  const named = lowered(labels)["traefik.docker.network"] ?? preferred;
  return named !== undefined && networks[named] ? [named] : Object.keys(networks);
}

/** The routers that a container's labels define: `web` → its rule. */
export function routersOf({ labels }: Pick<Labelled, "labels">): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const routers = new Map<string, Record<string, string>>();
  for (const [label, value] of Object.entries(lowered(labels))) {
    const [, name, option] = ROUTER.exec(label) ?? [];
    if (name !== undefined && option !== undefined) routers.set(name, { ...routers.get(name), [option]: value });
  }
  return routers;
}

function routesOf(container: Labelled, settings: Settings): readonly Routed[] {
  const labels = lowered(container.labels);
  const enabled = labels["traefik.enable"];
  if (!(enabled === undefined ? settings.exposed : enabled.toLowerCase() === "true")) return [];
  if (container.state !== "running" || ["starting", "unhealthy"].includes(container.health?.status ?? "")) return [];
  const ports = new Map(Object.entries(labels).flatMap(([label, value]) => named(PORT.exec(label)?.[1], Number(value))));
  return [...routersOf(container)].flatMap(([, options]) => {
    const service = (options["service"] ?? [...ports.keys()][0] ?? "").replace(/@docker$/, "");
    const port = ports.get(service) ?? lowest(container.exposed);
    const upstreams: readonly Upstream[] =
      port === undefined
        ? []
        : networksOf(container, settings.network).flatMap((network) => {
            const host = container.networks[network]?.address;
            return host ? [{ host, port }] : [];
          });
    return ruleOf(options["rule"] ?? "").map(({ domain, path }): Routed => {
      const login = loginOf(options["middlewares"], labels);
      return {
        domain,
        path,
        upstreams,
        lookedUp: true,
        tls: "tls" in options || "tls.certresolver" in options,
        tellsScheme: true,
        upgrades: true,
        ...(login ? { login } : {}),
      };
    });
  });
}

/** `Host(`a.example`) && PathPrefix(`/api`)`; rules of other kinds name no domain that could be looked for. */
function ruleOf(rule: string): readonly { readonly domain: string; readonly path: string }[] {
  const words = (matcher: string) =>
    [...rule.matchAll(new RegExp(`\\b${matcher}\\(([^)]*)\\)`, "gi"))].flatMap(([, inside = ""]) =>
      inside.split(",").map((word) => word.trim().replace(/^[`"']|[`"']$/g, "")),
    );
  const paths = [...words("PathPrefix"), ...words("Path")];
  return words("Host").flatMap((domain) =>
    (paths.length > 0 ? paths : ["/"]).map((path) => ({ domain: domain.toLowerCase(), path })),
  );
}

/** A login is broken where Compose has eaten the dollars of the hash: `$apr1$…` was to be written `$$apr1$$…`. */
function loginOf(middlewares: string | undefined, labels: Readonly<Record<string, string>>): Routed["login"] {
  const logins = (middlewares ?? "").split(",").flatMap((name) => {
    const users = labels[`traefik.http.middlewares.${name.trim().replace(/@docker$/, "")}.basicauth.users`];
    return users === undefined ? [] : users.split(",");
  });
  if (logins.length === 0) return undefined;
  return logins.every((user) => !/^[^:]+:(\$(apr1|2[aby]|5|6)\$|\{SHA\})/.test(user.trim())) ? "broken" : "asked";
}

function lowered(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label.toLowerCase(), value]));
}

function named(name: string | undefined, port: number): readonly [string, number][] {
  return name === undefined || !Number.isInteger(port) ? [] : [[name, port]];
}

function lowest(exposed: readonly string[]): number | undefined {
  const ports = exposed.flatMap((port) => (port.endsWith("/tcp") ? [Number.parseInt(port, 10)] : []));
  return ports.length > 0 ? Math.min(...ports) : undefined;
}
