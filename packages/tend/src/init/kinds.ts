import type { ProxyKind } from "../model/fleet.ts";
import type { FoundService } from "./found.ts";

/** What a service is, as far as its image says: only an app is released. */
export type ServiceKind =
  | { readonly kind: "app" }
  | { readonly kind: "postgres" }
  | { readonly kind: "proxy"; readonly proxy: ProxyKind }
  /** nginx as a way in, or as a part of an app: its configuration tells. */
  | { readonly kind: "nginx" }
  /** It looks after a proxy or the host, and is nobody's app. */
  | { readonly kind: "companion" }
  /** It keeps data in a way of its own, which tend can't back up. */
  | { readonly kind: "engine" };

const POSTGRES =
  /^(?:.*[-_.])?(?:postgres|postgresql|postgis|timescaledb|timescaledb-ha|pgvector|pgvecto-rs|paradedb)(?:[-_.].*)?$/;
const BESIDE_POSTGRES = /exporter|backup|dump|admin|bouncer|pgweb|postgrest|upgrade|client|meta/;
const COMPANION =
  /^(?:acme-companion|letsencrypt-nginx-proxy-companion|docker-gen|certbot|watchtower|autoheal|docker-socket-proxy|socket-proxy|cloudflared|ddclient|ddns-updater|cloudflare-ddns|favonia-cloudflare-ddns|diun|ouroboros)$/;
const ENGINE =
  /^(?:mysql|mariadb|percona|mongo|mongodb|redis|redis-stack.*|valkey|keydb|dragonfly|memcached|rabbitmq|nats|(?:cp-)?kafka|elasticsearch|opensearch|meilisearch|typesense|clickhouse.*|influxdb|prometheus|loki|tempo|victoria-?metrics|couchdb|cassandra|etcd|minio|neo4j|zookeeper)$/;

export function kindOf({ image, published, labels }: Pick<FoundService, "image" | "published" | "labels">): ServiceKind {
  const whole = repositoryOf(image);
  const base = whole.split("/").at(-1) as string;
  if (base === "nginx-proxy") return { kind: "proxy", proxy: "nginx-proxy" };
  if (base === "traefik") return { kind: "proxy", proxy: "traefik" };
  if (base === "caddy" || base === "caddy-docker-proxy") {
    return published.length > 0 && !isRouted(labels) ? { kind: "proxy", proxy: "caddy" } : { kind: "app" };
  }
  if (/^(?:nginx|nginx-unprivileged|openresty|swag|nginx-proxy-manager|tengine|angie)$/.test(base)) return { kind: "nginx" };
  if (COMPANION.test(base)) return { kind: "companion" };
  if (POSTGRES.test(base) && !BESIDE_POSTGRES.test(base)) return { kind: "postgres" };
  if (ENGINE.test(base)) return { kind: "engine" };
  return { kind: "app" };
}

/** The image without registry's port trouble, tag or digest: `ghcr.io/acme/web`. */
export function repositoryOf(image: string): string {
  const named = image.replace(/@sha256:[0-9a-f]+$/i, "");
  const slash = named.lastIndexOf("/");
  const colon = named.lastIndexOf(":");
  return (colon > slash ? named.slice(0, colon) : named).toLowerCase();
}

/** The variable that holds an image's tag, where one variable is the whole of it: `REPO:${TAG:-latest}`. */
export function tagVariable(template: string): string | undefined {
  return /(?<=[^/]):\$(?:\{([A-Za-z_]\w*)(?::?[-?][^{}]*)?\}|([A-Za-z_]\w*))$/.exec(template)?.slice(1).find(Boolean);
}

function isRouted(labels: Readonly<Record<string, string>>): boolean {
  return Object.keys(labels).some((key) => /^traefik\.http\.routers\./.test(key));
}

/** It holds a replication slot or a lock of its own: a second one would wait for the first. */
export function standsAlone({ image }: Pick<FoundService, "image">): boolean {
  return /(?:^|\/)electric$/.test(repositoryOf(image));
}
