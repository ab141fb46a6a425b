import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { App, Fleet, Proxy, Route } from "../model/fleet.ts";

/** A domain of declared routes, and where its TLS is to be found. */
export interface Endpoint {
  readonly domain: string;
  readonly app: string;
  readonly proxy?: Proxy;
  /** Set where there is nothing to look at, and why. */
  readonly plain?: string;
}

/** Each domain of these apps' routes, once. */
export function endpointsOf(fleet: Fleet, apps: readonly App[]): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const app of apps) {
    for (const { route } of app.services) {
      if (route && !found.has(route.domain)) found.set(route.domain, endpoint(fleet, app, route));
    }
  }
  return [...found.values()];
}

function endpoint(fleet: Fleet, app: App, { domain, proxy: name }: Route): Endpoint {
  const proxy = name === undefined ? undefined : fleet.proxies.get(name);
  const plain =
    proxy?.url?.protocol === "http:" ? `${proxy.name} is declared with ${proxy.url.origin}: no TLS to look at` : undefined;
  return { domain, app: app.name, proxy, plain };
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where the domain leads: the proxy's declared address, else every address that its name has from here, v4 and v6. */
export async function addressesOf(
  endpoint: Endpoint,
  scheme: "https:" | "http:",
  signal?: AbortSignal,
): Promise<readonly Address[]> {
  const { proxy, domain } = endpoint;
  const standard = scheme === "https:" ? 443 : 80;
  const bare = proxy?.url?.hostname.replace(/^\[|\]$/g, "");
  if (proxy?.url && bare !== undefined) {
    const port = proxy.url.protocol === scheme ? Number(proxy.url.port || standard) : standard;
    if (isIP(bare)) return [{ host: bare, port }];
    return (await resolve(bare, signal)).map((host) => ({ host, port }));
  }
  return (await resolve(domain, signal)).map((host) => ({ host, port: standard }));
}

async function resolve(name: string, signal?: AbortSignal): Promise<readonly string[]> {
  const looking = lookup(name, { all: true, order: "ipv4first" }).then((all) => [...new Set(all.map(({ address }) => address))]);
  if (!signal) return looking;
  return Promise.race([
    looking,
    new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(new Error("the name is not resolved in time")), { once: true }),
    ),
  ]);
}

/** `203.0.113.7`, `[2001:db8::7]:8443`. */
export function addressText({ host, port }: Address, standard = 443): string {
  if (port === standard) return host;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
