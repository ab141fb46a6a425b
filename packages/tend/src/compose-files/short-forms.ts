import { posix } from "node:path";
import { RESET } from "./document.ts";
import { keepingMarks, withoutMarks } from "./interpolate.ts";
import { asList, asMap, asText, isMap, type RawService } from "./raw.ts";

/** A service of one file, with Compose's short forms spelt out and its paths from `folder`, so that files can be laid over each other. */
export function spelledOut(raw: Record<string, unknown>, folder: string): RawService {
  const change: Record<string, (value: unknown) => unknown> = {
    labels: (value) => named(value, ""),
    environment: (value) => named(value, null),
    networks: keyed,
    depends_on: keyed,
    ports: (value) => asList(value).flatMap(portsOf),
    volumes: (value) => asList(value).map((volume) => volumeOf(volume, folder)),
    build: (value) => buildOf(value, folder),
    env_file: (value) => (Array.isArray(value) ? value : [value]).map((file) => envFileOf(file, folder)),
    expose: asList,
    profiles: asList,
    cap_add: asList,
    security_opt: asList,
  };
  return Object.fromEntries(
    Object.entries(raw)
      .filter(([key, value]) => READ.has(key) && value !== undefined)
      .map(([key, value]) => [key, change[key] && value !== null && value !== RESET ? change[key](value) : value]),
  );
}

/** The keys that anybody looks at. */
const READ = new Set([
  ...["image", "build", "restart", "deploy", "mem_limit", "logging", "healthcheck", "user", "ports", "labels", "networks"],
  ...["network_mode", "volumes", "privileged", "cap_add", "pid", "ipc", "security_opt", "environment", "env_file", "expose"],
  ...["depends_on", "profiles", "container_name"],
]);

/** `[A=1, B]` as a map, and what B is there. */
function named(value: unknown, bare: "" | null): unknown {
  if (!Array.isArray(value)) return value;
  return Object.fromEntries(
    value.map((item) => {
      const text = String(item);
      const at = text.indexOf("=");
      return at === -1 ? [text, bare] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function keyed(value: unknown): unknown {
  return Array.isArray(value) ? Object.fromEntries(value.map((name) => [String(name), null])) : value;
}

function buildOf(value: unknown, folder: string): unknown {
  const build = typeof value === "string" ? { context: value } : value;
  if (!isMap(build)) return build;
  const context = asText(build["context"]) ?? ".";
  return { ...build, context: /^[a-z+]+:|^git@/i.test(context) ? context : from(folder, context) };
}

function envFileOf(file: unknown, folder: string): unknown {
  return from(folder, asText(isMap(file) ? file["path"] : file) ?? "");
}

/** Published ranges are as many ports; nobody publishes more than these. */
const MOST_PORTS = 1000;

/** `127.0.0.1:8080:80/tcp`, `3000-3005:3000-3005`, `[::1]:80:80`, `80`; in Compose's long form. */
function portsOf(port: unknown): readonly unknown[] {
  if (typeof port === "object" && port !== null) return [port];
  const [body = ""] = (asText(port) ?? "").split("/");
  const [, address, outside = "", inside = ""] = /^(?:(?:(\[[^\]]*\]|[^:]*):)?([^:]*):)?([^:]*)$/.exec(body) ?? [];
  const targets = rangeOf(inside);
  const published = withoutMarks(outside) === "" ? [] : rangeOf(outside);
  return targets.map((target, at) => ({
    target,
    // A range for one port lets the engine choose.
    published: published.length === targets.length ? published[at] : outside || undefined,
    host_ip: address?.replace(/^\[|\]$/g, "") || undefined,
  }));
}

function rangeOf(text: string): readonly string[] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (first === undefined) return [text];
  const count = Math.min(Math.max(Number(last) - Number(first) + 1, 1), MOST_PORTS);
  return Array.from({ length: count }, (_, at) => String(Number(first) + at));
}

/** `db:/var/lib/mysql:ro`, `./conf:/conf`, `/data`; in Compose's long form. */
function volumeOf(volume: unknown, folder: string): unknown {
  if (isMap(volume)) {
    const source = asText(volume["source"]);
    return volume["type"] === "bind" && source !== undefined ? { ...volume, source: from(folder, source) } : volume;
  }
  const parts = (asText(volume) ?? "").split(":");
  if (parts.length === 1) return { type: "volume", target: clean(parts[0] ?? "") };
  const [source = "", target = "", mode = ""] = parts;
  const isPath = /^[./~]/.test(withoutMarks(source));
  const options = mode.split(",").includes("ro") ? { read_only: true } : {};
  return { type: isPath ? "bind" : "volume", source: isPath ? from(folder, source) : source, target: clean(target), ...options };
}

/** A path as it is meant where the file stands; a home is whose it is. */
function from(folder: string, path: string): string {
  return keepingMarks(path, (plain) => clean(/^[/~]/.test(plain) ? posix.normalize(plain) : posix.join(folder, plain)));
}

function clean(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}

/** Lays one file's service over that of the files before it, by Compose's rules. */
export function laidOver(base: RawService, over: RawService, replaced: ReadonlySet<string>): RawService {
  const result: RawService = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = replaced.has(key) ? undefined : result[key];
    if (value === RESET) delete result[key];
    else if (value === null && below !== undefined) continue;
    else if (key === "volumes") result[key] = byTarget(asList(below), asList(value));
    else if (key === "logging") result[key] = loggingOver(asMap(below), asMap(value));
    else result[key] = merged(below, value, key);
  }
  return result;
}

function merged(below: unknown, value: unknown, key: string): unknown {
  if (Array.isArray(below) && Array.isArray(value)) return key === "test" ? value : unique([...below, ...value]);
  if (!isMap(value)) return value;
  const result = { ...asMap(below) };
  for (const [inner, one] of Object.entries(value)) {
    if (one === RESET) delete result[inner];
    else result[inner] = merged(result[inner], one, inner);
  }
  return result;
}

function unique(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

function byTarget(below: readonly unknown[], over: readonly unknown[]): readonly unknown[] {
  const targets = new Map([...below, ...over].map((volume) => [asText(asMap(volume)["target"]) ?? "", volume]));
  return [...targets.values()];
}

/** Another driver has other options. */
function loggingOver(below: Record<string, unknown>, over: Record<string, unknown>): unknown {
  const same = over["driver"] === undefined || below["driver"] === undefined || over["driver"] === below["driver"];
  return same ? merged(below, over, "logging") : over;
}
