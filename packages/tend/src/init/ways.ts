import type { ProxyKind } from "../model/fleet.ts";
import { caddyRules } from "./caddy.ts";
import type { Found, FoundService } from "./found.ts";
import { kindOf } from "./kinds.ts";
import { traefikRules, virtualHostRules } from "./labels.ts";
import { nginxRules } from "./nginx.ts";
import type { Rule } from "./route.ts";
import { isCalled } from "./servers.ts";

/** A proxy that stands in front of others. */
export interface Way {
  readonly kind: ProxyKind;
  readonly service: FoundService;
}

export interface Routed extends Rule {
  readonly service: FoundService;
  /** Absent where labels say it and no such proxy was found. */
  readonly by?: Way;
  readonly kind: ProxyKind;
}

export interface Ways {
  readonly proxies: readonly Way[];
  readonly routes: readonly Routed[];
}

/** The proxies, and who is asked for what: by their configuration, and by what services tell them about themselves. */
export function waysOf(found: Found): Ways {
  const all = everyService(found);
  const proxies = all.flatMap((service) => {
    const kind = proxyKind(service, found, all);
    return kind ? [{ kind, service }] : [];
  });
  const configured = proxies.flatMap((way) =>
    rulesOf(way, found.configs.get(way.service.container) ?? "").flatMap((rule) => {
      const service = all.find((one) => one !== way.service && isCalled(one, rule.to, way.service));
      return service ? [{ ...rule, service, by: way, kind: way.kind }] : [];
    }),
  );
  const told = all.flatMap((service): readonly Routed[] => {
    if (proxies.some((way) => way.service === service)) return [];
    const by = (kind: ProxyKind) => proxies.find((way) => way.kind === kind);
    const labelled = traefikRules(service).map((rule) => ({ ...rule, service, ...proxyTold(service, by) }));
    const virtual = virtualHostRules(service).map((rule) => ({
      ...rule,
      service,
      by: by("nginx-proxy"),
      kind: "nginx-proxy" as const,
    }));
    return [...virtual, ...labelled];
  });
  return { proxies, routes: [...told, ...configured] };
}

export function everyService(found: Found): readonly FoundService[] {
  return [...found.projects.flatMap((project) => project.services), ...found.loose];
}

function proxyTold(service: FoundService, by: (kind: ProxyKind) => Way | undefined): Pick<Routed, "by" | "kind"> {
  const kind = Object.keys(service.labels).some((key) => /^caddy(?:_\d+)?$/.test(key)) ? "caddy" : "traefik";
  return { by: by(kind), kind };
}

function proxyKind(service: FoundService, found: Found, all: readonly FoundService[]): ProxyKind | undefined {
  const kind = kindOf(service);
  if (kind.kind === "proxy") return kind.proxy;
  if (
    kind.kind !== "nginx" ||
    service.published.length === 0 ||
    virtualHostRules(service).length > 0 ||
    traefikRules(service).length > 0
  )
    return undefined;
  const rules = nginxRules(found.configs.get(service.container) ?? "");
  return rules.some((rule) => all.some((one) => one !== service && isCalled(one, rule.to, service))) ? "nginx" : undefined;
}

function rulesOf({ kind, service }: Way, config: string): readonly Rule[] {
  if (config === "") return [];
  if (kind === "caddy") return caddyRules(config, service.env);
  return kind === "nginx" ? nginxRules(config) : [];
}

const LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?";
const DOMAIN = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})+$`);

/** A name that users could ask for: no pattern, no address, no name of one machine. */
export function isDomain(text: string): boolean {
  return DOMAIN.test(text) && !/^[\d.]+$/.test(text);
}
