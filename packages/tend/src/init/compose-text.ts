import { posix } from "node:path";
import { parseDocument } from "yaml";
import { addressInVariables, addressOf, type DatabaseAddress, takeApart } from "./address.ts";
import { type FoundService, type Mount, PLAIN_ENV } from "./found.ts";
import { interpolate } from "./variables.ts";

/** A map of YAML whose kinds of values aren't known yet. */
type Raw = Readonly<Record<string, unknown>>;

export interface ComposeText {
  readonly name?: string;
  readonly services: readonly FoundService[];
  readonly troubles: readonly string[];
}

export interface Sources {
  /** Compose files, by their absolute paths. */
  readonly texts: ReadonlyMap<string, string>;
  readonly values: Readonly<Record<string, string>>;
}

/** Deeper than anybody includes or extends: an end to those that never end. */
const MAX_DEPTH = 8;
const MAX_SERVICES = 300;

/** What compose files say by themselves. Where Compose would refuse, what can be understood is taken all the same. */
export function readCompose(files: readonly string[], sources: Sources): ComposeText {
  const troubles: string[] = [];
  const merged = files.map((file) => load(file, sources, troubles, 0)).reduce(overlay, {});
  const folder = posix.dirname(files[0] ?? "/");
  const name = typeof merged["name"] === "string" ? interpolate(merged["name"], sources.values) : undefined;
  const services = Object.entries(mapOf(merged["services"]))
    .slice(0, MAX_SERVICES)
    .map(([service, raw]) => readService(service, mapOf(raw), mapOf(merged["volumes"]), folder, sources.values));
  return { name, services, troubles };
}

/** A file with what it includes and extends. */
function load(file: string, sources: Sources, troubles: string[], depth: number): Raw {
  const raw = parsed(file, sources, troubles);
  if (depth >= MAX_DEPTH) return raw;
  const included = listOf(raw["include"]).flatMap((one) => {
    const paths = typeof one === "string" ? [one] : listOf(mapOf(one)["path"] ?? []);
    return paths.map((path) => beside(file, textOf(path), sources.values));
  });
  const services = Object.fromEntries(
    Object.entries(mapOf(raw["services"])).map(([name, service]) => [
      name,
      extended(mapOf(service), file, mapOf(raw["services"]), sources, troubles, depth),
    ]),
  );
  const own: Raw = { ...raw, services };
  return [...included.map((path) => load(path, sources, troubles, depth + 1)), own].reduce(overlay, {});
}

function extended(service: Raw, file: string, siblings: Raw, sources: Sources, troubles: string[], depth: number): Raw {
  const from = service["extends"];
  if (from === undefined || depth >= MAX_DEPTH) return service;
  const name = textOf(typeof from === "string" ? from : mapOf(from)["service"]);
  const other = typeof from === "string" ? undefined : mapOf(from)["file"];
  const where = other === undefined ? file : beside(file, textOf(other), sources.values);
  const all = other === undefined ? siblings : mapOf(parsed(where, sources, troubles)["services"]);
  const base = extended(mapOf(own(all, name)), where, all, sources, troubles, depth + 1);
  const { depends_on: _, ...inherited } = base;
  return overlayService(inherited, service);
}

function parsed(file: string, { texts }: Sources, troubles: string[]): Raw {
  const text = texts.get(file);
  if (text === undefined) {
    troubles.push(`${file} wasn't read`);
    return {};
  }
  try {
    const document = parseDocument(text, { merge: true, uniqueKeys: false, logLevel: "silent", prettyErrors: false });
    if (document.errors.length > 0) troubles.push(`${file}: ${(document.errors[0]?.message ?? "").split("\n")[0]}`);
    return mapOf(document.toJS({ maxAliasCount: 1000 }));
  } catch (error) {
    troubles.push(`${file}: ${String(error instanceof Error ? error.message : error).split("\n")[0]}`);
    return {};
  }
}

function beside(file: string, path: string, values: Readonly<Record<string, string>>): string {
  return posix.resolve(posix.dirname(file), interpolate(path, values));
}

/** As Compose lays one file over another: maps merge, and of lists the later one is added. */
function overlay(base: Raw, over: Raw): Raw {
  const services = { ...mapOf(base["services"]) };
  for (const [name, service] of Object.entries(mapOf(over["services"]))) {
    services[name] = overlayService(mapOf(own(services, name)), mapOf(service));
  }
  return { ...base, ...over, services, volumes: { ...mapOf(base["volumes"]), ...mapOf(over["volumes"]) } };
}

const TOGETHER = new Set(["environment", "labels", "networks", "depends_on"]);
const ADDED = new Set(["ports", "expose", "volumes", "profiles"]);

function overlayService(base: Raw, over: Raw): Raw {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = own(base, key);
    if (before !== undefined && TOGETHER.has(key)) result[key] = { ...pairsOf(before), ...pairsOf(value) };
    else if (before !== undefined && ADDED.has(key)) result[key] = [...listOf(before), ...listOf(value)];
    else result[key] = value;
  }
  return result;
}

function readService(
  name: string,
  raw: Raw,
  volumes: Raw,
  folder: string,
  values: Readonly<Record<string, string>>,
): FoundService {
  const say = (value: unknown) => interpolate(textOf(value), values);
  const env = Object.fromEntries(
    Object.entries(pairsOf(raw["environment"])).map(([key, value]) => [
      key,
      value === null ? textOf(own(values, key)) : say(value),
    ]),
  );
  const template = raw["image"] === undefined ? undefined : textOf(raw["image"]);
  const plain = Object.fromEntries(PLAIN_ENV.flatMap((key) => (Object.hasOwn(env, key) ? [[key, env[key] as string]] : [])));
  return {
    name,
    container: raw["container_name"] === undefined ? "" : say(raw["container_name"]),
    image: template === undefined ? "" : interpolate(template, values),
    template,
    built: raw["build"] !== undefined && raw["build"] !== null,
    done: false,
    env: plain,
    addresses: addressesOf(env, plain),
    labels: Object.fromEntries(Object.entries(pairsOf(raw["labels"])).map(([key, value]) => [key, say(value)])),
    published: listOf(raw["ports"]).flatMap((port) => publishedPort(port, say)),
    exposed: listOf(raw["expose"]).flatMap((port) => portOf(say(port).split("/")[0])),
    mounts: listOf(raw["volumes"]).flatMap((volume) => mountOf(volume, volumes, folder, say)),
    health: healthWords(mapOf(raw["healthcheck"]), say),
    networks: Object.fromEntries(
      Object.entries(pairsOf(raw["networks"])).map(([key, value]) => [key, listOf(mapOf(value)["aliases"]).map(say)]),
    ),
    dependsOn: Object.keys(pairsOf(raw["depends_on"])),
    profiles: listOf(raw["profiles"]).map(say),
  };
}

export function addressesOf(env: Readonly<Record<string, string>>, plain: Readonly<Record<string, string>>): DatabaseAddress[] {
  const written = Object.values(env).flatMap((value) => {
    const pieces = takeApart(value);
    const address = pieces && addressOf(pieces);
    return address ? [address] : [];
  });
  const spread = addressInVariables(plain);
  return written.length > 0 || !spread ? written : [spread];
}

function healthWords(check: Raw, say: (value: unknown) => string): readonly string[] {
  if (check["disable"] === true || check["test"] === undefined) return [];
  const words = (typeof check["test"] === "string" ? [check["test"]] : listOf(check["test"])).map(say);
  return words[0] === "NONE" ? [] : words;
}

function publishedPort(port: unknown, say: (value: unknown) => string): readonly number[] {
  if (isMap(port)) return portOf(say(port["target"]));
  const [inside] = say(port).split("/")[0]?.split(":").slice(-1) ?? [];
  return portOf(inside?.split("-")[0]);
}

function portOf(text: string | undefined): readonly number[] {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 && number < 65536 ? [number] : [];
}

function mountOf(volume: unknown, volumes: Raw, folder: string, say: (value: unknown) => string): readonly Mount[] {
  const long = isMap(volume);
  const [first = "", second, mode = ""] = long ? [] : say(volume).split(":");
  const source = long ? say(volume["source"]) : second === undefined ? "" : first;
  const target = long ? say(volume["target"]) : (second ?? first);
  const type = long ? say(volume["type"]) : /^[./~]/.test(source) ? "bind" : "volume";
  if (source === "" || target === "" || (type !== "bind" && type !== "volume")) return [];
  const writable = long ? volume["read_only"] !== true : !mode.split(",").includes("ro");
  const named = mapOf(own(volumes, source))["name"];
  const from =
    type === "volume"
      ? { volume: named === undefined ? source : say(named) }
      : { path: source.startsWith("~") ? source : posix.resolve(folder, source) };
  const isFile = type === "bind" && /\.[A-Za-z0-9]{1,8}$/.test(source) && !/\.d$/.test(source);
  return [{ from, target, writable, isFile, sqlite: [], others: true }];
}

function isMap(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapOf(value: unknown): Raw {
  return isMap(value) ? value : {};
}

function own(map: Raw, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null || isMap(value) ? [] : [value];
}

/** Maps that may be written as lists: `[A=1, B]`. */
function pairsOf(value: unknown): Raw {
  if (isMap(value)) return value;
  return Object.fromEntries(
    listOf(value).map((item) => {
      const text = textOf(item);
      const at = text.indexOf("=");
      return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint" ? String(value) : "";
}
