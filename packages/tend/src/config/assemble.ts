import type { Contract } from "../model/contract.ts";
import type { App, Fleet, Host, Proxy, Service, Source } from "../model/fleet.ts";
import type { AppName, HostName, ProxyName, ServiceName } from "../model/names.ts";
import { dnsOf } from "./assemble-dns.ts";
import { keptBy } from "./assemble-kept.ts";
import { entriesOf } from "./checks/check.ts";
import type { Declared } from "./declared.ts";
import { localPath } from "./local-path.ts";
import type { DeclaredApp, DeclaredHost, DeclaredProxy } from "./sections/fleet.ts";
import type { DeclaredService } from "./sections/services.ts";

export interface Setting {
  readonly file: string;
  /** The declaration's folder, from which a local host's relative paths start. */
  readonly folder: string;
  /** The environment that an app is in, if it declares the one that was asked for. */
  environmentOf(app: AppName): string | undefined;
  /** What an app is held to, by its own declaration and the fleet's. */
  contractOf(app: DeclaredApp): Contract | undefined;
}

/** Turns a declaration in which everything was found right into the model. Nothing can go wrong any more. */
export function assemble(declared: Declared, setting: Setting): Fleet {
  return {
    name: declared.fleet,
    file: setting.file,
    hosts: mapValues(declared.hosts, (name, host) => hostOf(name, host, setting)),
    proxies: mapValues(declared.proxies, (name, proxy) => proxyOf(name, proxy, declared, setting)),
    apps: mapValues(declared.apps, (name, app) => appOf(name, app, declared, setting)),
    dns: dnsOf(declared.dns, setting.folder),
    doctor: { ignore: declared.doctor?.ignore ?? [] },
  };
}

function hostOf(name: HostName, { ssh, docker, state, addresses }: DeclaredHost, setting: Setting): Host {
  if (ssh) return { name, reach: { kind: "ssh", aliases: ssh }, docker, addresses, state };
  return { name, reach: { kind: "local" }, docker, addresses, state: state && localPath(state, setting.folder) };
}

function proxyOf(name: ProxyName, proxy: DeclaredProxy, declared: Declared, setting: Setting): Proxy {
  const { tls } = proxy;
  const isLocal = declared.hosts.get(proxy.host)?.ssh === undefined;
  if (tls?.by !== "certbot" || tls.in === undefined || !isLocal) return { name, ...proxy };
  return { name, ...proxy, tls: { ...tls, in: localPath(tls.in, setting.folder) } };
}

function appOf(name: AppName, app: DeclaredApp, declared: Declared, setting: Setting): App {
  const isLocal = declared.hosts.get(app.host)?.ssh === undefined;
  const onlyProxy = theOnly([...declared.proxies].filter(([, proxy]) => proxy.host === app.host));
  const services = entriesOf(app.services ?? {});
  return {
    name,
    environment: setting.environmentOf(name),
    host: app.host,
    runtime: app.runtime,
    path: isLocal ? localPath(app.path, setting.folder) : app.path,
    compose: app.compose ?? [],
    project: app.project,
    envFiles: app.env_file ?? [],
    profiles: app.profiles ?? [],
    source: sourceOf(
      app,
      services.map(([service]) => service),
    ),
    env: app.env ?? {},
    services: services.map(([service, declaredAs]) => serviceOf(service, declaredAs, onlyProxy?.[0])),
    contract: app.runtime === "compose" ? setting.contractOf(app) : undefined,
    ...keptBy(name, app, { isLocal, folder: setting.folder }),
  };
}

function sourceOf({ source }: DeclaredApp, services: readonly ServiceName[]): Source {
  if (!source) return { kind: "images", tags: new Map(), builds: new Map() };
  if (source.kind === "git") return source;
  if (source.kind === "image")
    return { kind: "images", tags: new Map(services.map((name) => [name, source.tag])), builds: new Map() };
  return { kind: "images", tags: new Map(entriesOf(source.tags)), builds: new Map(entriesOf(source.builds)) };
}

function serviceOf(name: ServiceName, service: DeclaredService, onlyProxy: ProxyName | undefined): Service {
  // A process has no proxy in front of it but its own port, so a port is a route as well.
  const answers = service.route !== undefined || service.port !== undefined;
  return {
    ...service,
    name,
    compose: service.compose ?? name,
    role: service.role ?? (answers ? "routed" : "worker"),
    route: service.route && { ...service.route, proxy: service.route.proxy ?? onlyProxy },
  };
}

function theOnly<Value>(values: readonly Value[]): Value | undefined {
  return values.length === 1 ? values[0] : undefined;
}

function mapValues<Key, From, To>(map: ReadonlyMap<Key, From>, change: (key: Key, value: From) => To): ReadonlyMap<Key, To> {
  return new Map([...map].map(([key, value]) => [key, change(key, value)]));
}
