import type { FoundService } from "./found.ts";
import { type Rule, upstreamOf } from "./route.ts";

type Told = Pick<FoundService, "env" | "labels" | "exposed" | "name">;

/** VIRTUAL_HOST and its kin: what nginx-proxy makes its sites of. */
export function virtualHostRules({ env, exposed, name }: Told): readonly Rule[] {
  const port = Number(env["VIRTUAL_PORT"] ?? (exposed.length === 1 ? exposed[0] : 80));
  const path = (env["VIRTUAL_PATH"] ?? "/").replace(/(?<=.)\/+$/, "");
  return (env["VIRTUAL_HOST"] ?? "")
    .split(",")
    .map((host) => host.trim().replace(/:\d+$/, ""))
    .filter(Boolean)
    .map((domain) => ({ domain, path, to: name, port: Number.isInteger(port) ? port : undefined, strips: false }));
}

/** Traefik's routers: the hosts and path prefixes of their rules. */
export function traefikRules({ labels, exposed, name }: Told): readonly Rule[] {
  if (labels["traefik.enable"] === "false") return [];
  const ported = Object.entries(labels).find(([key]) =>
    /^traefik\.http\.services\.[^.]+\.loadbalancer\.server\.port$/i.test(key),
  );
  const port = Number(ported?.[1] ?? exposed[0]);
  const rules = Object.entries(labels).flatMap(([key, value]) => {
    if (!/^traefik\.http\.routers\.[^.]+\.rule$/i.test(key)) return [];
    const paths = argumentsOf(value, /\b(?:PathPrefix|Path)\(([^)]*)\)/g);
    return argumentsOf(value, /\bHost\(([^)]*)\)/g).flatMap((domain) =>
      (paths.length > 0 ? paths : ["/"]).map((path) => ({ domain, path: path.replace(/(?<=.)\/+$/, "") })),
    );
  });
  // Labels of caddy-docker-proxy say the same in two lines.
  const caddy = Object.entries(labels).flatMap(([key, value]) => (/^caddy(?:_\d+)?$/.test(key) ? value.split(/[\s,]+/) : []));
  const proxied = /\{\{upstreams\s+(\d+)\s*\}\}/.exec(labels["caddy.reverse_proxy"] ?? "")?.[1];
  return [
    ...rules.map((rule) => ({ ...rule, port: Number.isInteger(port) ? port : undefined })),
    ...caddy.filter(Boolean).map((domain) => {
      const target = upstreamOf(labels["caddy.reverse_proxy"] ?? "");
      return { domain, path: "/", port: proxied === undefined ? target?.port : Number(proxied) };
    }),
  ].map((rule) => ({ ...rule, to: name, strips: false }));
}

function argumentsOf(rule: string, pattern: RegExp): readonly string[] {
  return [...rule.matchAll(pattern)].flatMap(([, inside = ""]) =>
    [...inside.matchAll(/[`"']([^`"']+)[`"']/g)].map((match) => match[1] as string),
  );
}
