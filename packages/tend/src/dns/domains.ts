import type { App, Fleet, Service } from "../model/fleet.ts";

/** A domain that users ask for, and whose it is. */
export interface Domain {
  readonly name: string;
  readonly of: readonly { readonly app: App; readonly service: Service }[];
  /** Why it isn't asked for. */
  readonly skip?: string;
}

/** RFC 2606 and 6761, and what routers make up: names that are in no public DNS. */
const RESERVED = /(^|\.)(example|example\.(com|net|org)|test|invalid|localhost|local|lan|internal|home\.arpa)$/;

/** The domains of these apps, each once. */
export function domainsOf(fleet: Fleet, apps: readonly App[]): readonly Domain[] {
  const all = apps.flatMap((app) =>
    app.services.flatMap((service) => (service.route ? [{ app, service, name: service.route.domain }] : [])),
  );
  return [...Map.groupBy(all, ({ name }) => name)].map(([name, of]) => ({
    name,
    of,
    skip: skipped(
      fleet,
      name,
      of.map((one) => one.service),
    ),
  }));
}

/** With declared servers every name can be asked for: they know what the world doesn't. */
function skipped(fleet: Fleet, name: string, services: readonly Service[]): string | undefined {
  if (fleet.dns.servers.length > 0) return undefined;
  const urls = services.map(({ route }) => (route?.proxy === undefined ? undefined : fleet.proxies.get(route.proxy)?.url));
  if (urls.length > 0 && urls.every((url) => url !== undefined)) {
    return "its proxy is declared with a url of its own, so its name can't be used; dns.servers says who knows it";
  }
  if (!name.includes(".")) return "it has no dot: no public DNS knows it";
  if (RESERVED.test(name)) return "it is a name that no public DNS has; dns.servers says who knows it";
  return undefined;
}
