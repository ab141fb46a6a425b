// Containers → routers and services, by the rules of Traefik's docker provider: who is left out, what things are
// called when no label says so, and what happens when two containers say different things under one name.
import { isDeepStrictEqual } from "node:util";
import type { Container } from "../engine-api/engine.ts";
import type { Settings } from "./arguments.ts";
import { type Labels, readLabels } from "./labels.ts";
import { log } from "./log.ts";
import { Merged } from "./merged.ts";
import { parseRule } from "./rule.ts";

export interface Router {
  name: string;
  rule: string;
  priority: number;
  service: string;
  entryPoints: string[];
}

export interface Routing {
  /** The first that matches wins. */
  routers: Router[];
  services: Map<string, string[]>;
}

type Options = Record<string, string>;
interface Route {
  rule: string;
  service: string;
  options: Options;
}
interface Service {
  options: Options;
  servers: string[];
}

export function build(containers: Container[], settings: Settings): Routing {
  const routers = new Merged<Route>("Router");
  const services = new Merged<Service>("Service");
  for (const container of [...containers].sort((a, b) => rootOf(a).localeCompare(rootOf(b)))) {
    const labels = readLabels(container.Config.Labels ?? {});
    if (!isKept(container, labels, settings)) continue;
    const own = servicesOf(container, labels, settings);
    for (const [name, service] of own) services.add(name, service, rootOf(container), joinServers);
    for (const [name, router] of routersOf(container, labels, [...own.keys()], settings)) {
      routers.add(name, router, rootOf(container), isDeepStrictEqual);
    }
  }
  const kept = services.result();
  return {
    routers: [...routers.result()].flatMap(([name, route]) => finish(name, route, kept)).sort((a, b) => b.priority - a.priority),
    services: new Map([...kept].map(([name, { servers }]) => [name, servers])),
  };
}

function isKept(container: Container, labels: Labels, settings: Settings): boolean {
  if (!(labels.enable ?? settings.exposedByDefault)) return false;
  const health = container.State.Health?.Status ?? "none";
  return container.State.Running && (health === "none" || health === "healthy" || health === "");
}

function servicesOf(container: Container, labels: Labels, settings: Settings): Map<string, Service> {
  const declared = labels.services.size > 0 ? labels.services : new Map([[defaultName(container), {} as Options]]);
  const result = new Map<string, Service>();
  for (const [name, { port: declaredPort, scheme, ...options }] of declared) {
    const ip = addressOf(container, labels.network ?? settings.network);
    const port = declaredPort ?? lowestPort(container);
    if (ip === undefined || port === undefined) {
      log(
        "ERR",
        ip === undefined ? "unable to find the IP address for the container: the server is ignored" : "port is missing",
        { container: rootOf(container) },
      );
      return new Map();
    }
    result.set(name, { options, servers: [`${scheme ?? "http"}://${ip}:${port}`] });
  }
  return result;
}

function routersOf(container: Container, labels: Labels, services: string[], settings: Settings): Map<string, Route> {
  const result = new Map<string, Route>();
  if (services.length === 0) return result;
  const name = defaultName(container);
  const byDefault: [string, Options][] = services.length === 1 ? [[name, {}]] : [];
  for (const [router, options] of labels.routers.size > 0 ? labels.routers : byDefault) {
    const service = options.service ?? (services.length === 1 ? services[0] : undefined);
    const rule = options.rule ?? settings.defaultRule.replace(/\{\{\s*normalize \.Name\s*\}\}/, name);
    if (service !== undefined) result.set(router, { rule, service, options });
    else log("ERR", "Could not define the service name for the router: too many services", { routerName: router });
  }
  return result;
}

function joinServers(known: Service, added: Service): boolean {
  if (!isDeepStrictEqual(known.options, added.options)) return false;
  for (const server of added.servers) if (!known.servers.includes(server)) known.servers.push(server);
  return true;
}

function finish(name: string, { rule, service, options }: Route, services: Map<string, Service>): Router[] {
  const target = service.replace(/@docker$/, "");
  try {
    parseRule(rule);
    if (!services.has(target)) throw new Error(`the service "${target}@docker" does not exist`);
  } catch (error) {
    log("ERR", error instanceof Error ? error.message : String(error), { routerName: `${name}@docker` });
    return [];
  }
  const entryPoints = (options.entrypoints ?? "").split(",").flatMap((entry) => entry.trim() || []);
  return [{ name, rule, priority: Number(options.priority ?? 0) || rule.length, service: target, entryPoints }];
}

function addressOf(container: Container, network: string | undefined): string | undefined {
  const networks = container.NetworkSettings.Networks;
  if (network !== undefined && networks[network] !== undefined) return networks[network].IPAddress || undefined;
  if (network !== undefined)
    log(
      "WRN",
      `Could not find network named '${network}' for container '${container.Name}'! Defaulting to first available network.`,
    );
  // Traefik takes any of several: Go walks a map in no order. So does this.
  const addresses = Object.values(networks)
    .map(({ IPAddress }) => IPAddress)
    .filter((ip) => ip !== "");
  return addresses[Math.floor(Math.random() * addresses.length)];
}

function lowestPort(container: Container): string | undefined {
  const ports = Object.keys(container.NetworkSettings.Ports ?? {})
    .filter((port) => port.endsWith("/tcp"))
    .map((port) => Number(port.split("/")[0]));
  return ports.length > 0 ? String(Math.min(...ports)) : undefined;
}

function defaultName(container: Container): string {
  const labels = container.Config.Labels ?? {};
  const service = labels["com.docker.compose.service"];
  const project = labels["com.docker.compose.project"];
  const name = service !== undefined && project !== undefined ? `${service}_${project}` : container.Name.replace(/^\//, "");
  return name
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== "")
    .join("-");
}

function rootOf(container: Container): string {
  return `${defaultName(container)}-${container.Id}`;
}
