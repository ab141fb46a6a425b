import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import { declaredNames } from "../nearest.ts";
import { quoted } from "../problem.ts";
import type { DeclaredApp } from "../sections/fleet.ts";
import { entriesOf, type ServicePlace, servicesOf } from "./check.ts";

/** Every host, proxy and service that is named is declared, and the right one. */
export function* references(declared: Declared): Iterable<Mistake> {
  for (const [name, proxy] of declared.proxies) yield* hostExists(declared, proxy.host, ["proxies", name, "host"]);
  for (const [name, app] of declared.apps) {
    yield* hostExists(declared, app.host, ["apps", name, "host"]);
    for (const service of servicesOf(name, app)) yield* proxyFits(declared, service);
    yield* sourceNamesServices(name, app);
  }
  for (const [at, { host }] of (declared.dns?.ddclient ?? []).entries())
    yield* hostExists(declared, host, ["dns", "ddclient", ...(declared.dns?.ddclient?.length === 1 ? [] : [String(at)]), "host"]);
}

function* hostExists({ names }: Declared, host: string, path: readonly string[]): Iterable<Mistake> {
  if (!names.hosts.includes(host)) yield { path, says: `unknown host ${quoted(host)}`, hint: declaredNames(host, names.hosts) };
}

function* proxyFits({ proxies, names }: Declared, { app, service, path }: ServicePlace): Iterable<Mistake> {
  if (!service.route) return;
  const { proxy: name } = service.route;
  const there = [...proxies].filter(([, proxy]) => proxy.host === app.host).map(([known]) => known);
  if (name === undefined) {
    const says = `which proxy serves ${service.route.domain} is missing`;
    if (there.length > 1) yield { path: [...path, "route"], says, hint: `expected proxy: ${there.join(" or ")}`, spot: "key" };
    return;
  }
  const at = [...path, "route", "proxy"];
  const proxy = proxies.get(name);
  if (!names.proxies.includes(name)) {
    yield { path: at, says: `unknown proxy ${quoted(name)}`, hint: declaredNames(name, names.proxies) };
  } else if (proxy && proxy.host !== app.host) {
    yield {
      path: at,
      says: `the proxy ${quoted(name)} is on ${proxy.host}, the app on ${app.host}`,
      hint: `expected ${onHost(app.host, there)}`,
    };
  }
}

function onHost(host: string, proxies: readonly string[]): string {
  return proxies.length > 0 ? proxies.join(" or ") : `a proxy on ${host}`;
}

function* sourceNamesServices(appName: string, app: DeclaredApp): Iterable<Mistake> {
  if (!app.source || app.source.kind === "git") return;
  const path = ["apps", appName, "source"];
  const services = Object.keys(app.services ?? {});
  if (app.source.kind === "image") {
    if (services.length === 0)
      yield { path: [...path, "image"], says: "which services run this image is missing", hint: "expected services: [NAME, …]" };
    return;
  }
  // Without declared services the app is the whole compose project, whose names only the host knows.
  if (services.length === 0) return;
  for (const [key, named] of [
    ["tags", app.source.tags],
    ["build", app.source.builds],
  ] as const) {
    for (const [service] of entriesOf<string, unknown>(named)) {
      if (!services.includes(service)) {
        yield {
          path: [...path, key, service],
          says: `unknown service ${quoted(service)}`,
          hint: declaredNames(service, services),
          spot: "key",
        };
      }
    }
  }
}
