import type { ImageKnown } from "./rule.ts";

export interface ImageRef {
  /** Without the registry's own name: `postgres`, `ghcr.io/acme/web`. */
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
}

export function imageRef(image: string): ImageRef {
  const [named = "", digest] = image.split("@");
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const name = hasTag ? named.slice(0, colon) : named;
  return {
    name: name.replace(/^(?:index\.)?docker\.io\//, "").replace(/^library\//, ""),
    tag: hasTag ? named.slice(colon + 1) : undefined,
    digest,
  };
}

/** Databases and what is like them: they know their clients by a password at best, and are looked for by everyone. */
export const DATABASES: ReadonlyMap<number, string> = new Map([
  [1433, "SQL Server"],
  [1521, "Oracle"],
  [3306, "MySQL"],
  [5432, "PostgreSQL"],
  [5984, "CouchDB"],
  [6379, "Redis"],
  [8086, "InfluxDB"],
  [8123, "ClickHouse"],
  [9042, "Cassandra"],
  [9200, "Elasticsearch"],
  [11211, "memcached"],
  [27017, "MongoDB"],
]);

/** Where images keep data that is lost with an anonymous volume. */
const DATA: Readonly<Record<string, string>> = {
  postgres: "/var/lib/postgresql/data",
  mysql: "/var/lib/mysql",
  mariadb: "/var/lib/mysql",
  mongo: "/data/db",
};

export function dataFolder(image: string): string | undefined {
  const { name, tag = "latest" } = imageRef(image);
  // From 18 on, each major version has a folder of its own in this one.
  if (name === "postgres" && !(Number.parseInt(tag, 10) < 18)) return "/var/lib/postgresql";
  return Object.hasOwn(DATA, name) ? DATA[name] : undefined;
}

/** Official images start as root without a health check; these give root up by themselves once their folders are theirs. */
const DROP_ROOT = new Set(["postgres", "mysql", "mariadb", "mongo", "redis", "valkey/valkey", "rabbitmq", "nginx", "httpd"]);
const STAY_ROOT = new Set([
  "node",
  "python",
  "ruby",
  "golang",
  "php",
  "alpine",
  "debian",
  "ubuntu",
  "busybox",
  "caddy",
  "traefik",
]);

/** Alpine has wget, and no curl; Debian and its slim variants have neither. */
const ON_ALPINE = new Set(["alpine", "caddy", "traefik"]);
const PLAIN_ALPINE = new Set([...ON_ALPINE, "node", "python", "ruby", "redis", "valkey/valkey", "postgres"]);
const PLAIN_SLIM = new Set(["node", "python", "ruby"]);
const PLAIN_DEBIAN = new Set(["debian", "redis", "valkey/valkey", "postgres"]);

function isOnAlpine(name: string, tag: string): boolean {
  return ON_ALPINE.has(name) || tag.includes("alpine");
}

/** Tools that health checks are often written with, and that this image is known not to have. */
function lackedBy(name: string, tag: string): readonly string[] {
  if (isDistroless(name)) return tag.includes("debug") ? [] : ["sh", "bash", "curl", "wget", "nc"];
  const alpine = isOnAlpine(name, tag);
  if (alpine) return PLAIN_ALPINE.has(name) ? ["curl"] : [];
  if (name === "busybox") return ["curl", "bash"];
  const bare = PLAIN_DEBIAN.has(name) || (PLAIN_SLIM.has(name) && tag.includes("slim"));
  return bare ? ["curl", "wget", "nc"] : [];
}

/** Tools that an image is made of, or brings for just this. */
const HAS: Readonly<Record<string, readonly string[]>> = {
  postgres: ["pg_isready", "psql", "sh", "bash"],
  redis: ["redis-cli", "sh"],
  "valkey/valkey": ["valkey-cli", "redis-cli", "sh"],
  mysql: ["mysqladmin", "mysql", "sh", "bash"],
  mariadb: ["healthcheck.sh", "mariadb-admin", "mariadb", "sh", "bash"],
  mongo: ["mongosh", "sh", "bash"],
  node: ["node", "sh"],
  python: ["python", "python3", "sh"],
  ruby: ["ruby", "sh"],
  busybox: ["wget", "nc", "sh"],
  alpine: ["wget", "nc", "sh"],
};

function isDistroless(name: string): boolean {
  return name.startsWith("gcr.io/distroless/");
}

/** What an image is known to have by its name alone. */
export function knownByName(image: string): ImageKnown {
  const { name, tag = "latest" } = imageRef(image);
  const official = DROP_ROOT.has(name) || STAY_ROOT.has(name);
  return {
    user: official ? "" : isDistroless(name) && tag.includes("nonroot") ? "nonroot" : undefined,
    dropsRoot: DROP_ROOT.has(name),
    healthcheck: official || isDistroless(name) ? false : undefined,
    tools: new Map([
      ...(Object.hasOwn(HAS, name) ? (HAS[name] ?? []) : []).map((tool) => [tool, true] as const),
      ...(isOnAlpine(name, tag) && official ? ["wget", "nc", "sh"] : []).map((tool) => [tool, true] as const),
      ...lackedBy(name, tag).map((tool) => [tool, false] as const),
    ]),
  };
}

/** What a Dockerfile says of the image that it makes; what it leaves open is its base's business. */
export function knownByDockerfile(text: string): ImageKnown {
  const stages = text.split(/^\s*FROM\s/im);
  const last = stages.at(-1) ?? "";
  const base = /^(?:--platform=\S+\s+)?(\S+)/.exec(last)?.[1] ?? "";
  const under = stages.length > 2 && !base.includes("/") && new RegExp(`^.*\\bAS\\s+${escaped(base)}\\s*$`, "im").test(text);
  const known = under || base.includes("$") ? {} : knownByName(base);
  const user = [...last.matchAll(/^\s*USER\s+(\S+)/gim)].at(-1)?.[1];
  const check = /^\s*HEALTHCHECK\s+(\S+)/im.exec(last)?.[1];
  return {
    user: user?.includes("$") ? undefined : (user ?? known.user),
    dropsRoot: user === undefined && known.dropsRoot,
    healthcheck: check === undefined ? known.healthcheck : check.toUpperCase() !== "NONE",
    // What its base has it has as well; what that lacks it may well install.
    tools: new Map([...(known.tools ?? [])].filter(([, there]) => there || !/^\s*(RUN|COPY|ADD)\s/im.test(last))),
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]/g, String.raw`\$&`);
}
