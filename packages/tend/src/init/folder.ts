import { type Dirent, existsSync, readdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { chosenFiles, chosenProfiles } from "../compose-files/chosen.ts";
import { type ReadFile, reader, variablesOf } from "../compose-files/files.ts";
import { observe } from "../observe/observe.ts";
import { defaultContainerName } from "../runtime/compose/place.ts";
import { sh } from "../transport/argv.ts";
import type { Transport } from "../transport/transport.ts";
import { readCompose, type Sources } from "./compose-text.ts";
import type { Found, FoundProject, FoundService } from "./found.ts";
import { kindOf } from "./kinds.ts";
import { folderProbe } from "./look-closer.ts";

/** Written as ~: whose home it is, nobody has said. */
const SERVER_HOME = "/home/user";

const FOR_PRODUCTION = /^(?:docker-)?compose[.-]prod(?:uction)?\.ya?ml$/;

/** A folder with compose files, without a host to ask: what it will be on a server, as far as the files say. */
export async function readFolder(folder: string, here: Transport): Promise<Found | undefined> {
  const place = `${SERVER_HOME}/apps/${basename(folder)}`;
  // What is meant to be in the server's home, or above the app there, stands here beside the folder.
  const local = (path: string) => (path.startsWith(`${SERVER_HOME}/`) ? join(folder, posix.relative(place, path)) : path);
  const onDisk = reader(folder);
  const sources = { read: (path: string) => onDisk(local(path)), variables: variablesOf([onDisk(".env")]) };
  const files = choose(folder, place, (await readdir(folder)).toSorted(), sources);
  const [first] = files;
  if (first === undefined) return undefined;
  const { project, named, services, troubles } = readCompose(files, sources);
  const { checkout } = await observe(here, sh`:`, { checkout: folderProbe(folder, files.map(local)) });
  const name = project || "app";
  const profiles = chosenProfiles(sources.variables);
  const isActive = (service: FoundService) =>
    service.profiles.length === 0 || service.profiles.some((profile) => profiles.includes(profile));

  const found: FoundProject = {
    name,
    folder: posix.dirname(first),
    files,
    envFiles: [],
    there: true,
    git: checkout.git,
    services: services.filter(isActive).map((service) => ({
      ...service,
      container: service.container || defaultContainerName(name, service.name),
      profiles: service.profiles.filter((profile) => profiles.includes(profile)),
      mounts: service.mounts.map((mount) => ({
        ...mount,
        from: "path" in mount.from ? { path: mount.from.path.replace(/^~(?=\/)/, SERVER_HOME) } : mount.from,
      })),
    })),
    idle: services
      .filter((service) => !isActive(service))
      .map((service) => `${service.name} is in the profile ${service.profiles.join(", ")}`),
    named,
    hints: checkout.hints,
  };
  const configs = found.services.flatMap((service) => {
    const config = configOf(service, local, onDisk);
    return config === "" ? [] : [[service.container, config] as const];
  });
  return {
    where: { kind: "unknown", name: "server" },
    home: SERVER_HOME,
    projects: [found],
    loose: [],
    configs: new Map(configs),
    extensions: new Map(),
    timers: [],
    troubles: troubles.map((trouble) => trouble.replaceAll(`${place}/`, "")),
  };
}

/** What Compose would take; beside or instead of that, where there is one, the file for production. */
function choose(folder: string, place: string, names: readonly string[], sources: Sources): readonly string[] {
  const own = chosenFiles((name) => existsSync(join(folder, name)), sources.variables).map((name) => posix.join(place, name));
  const production = names.find((name) => FOR_PRODUCTION.test(name));
  if (production === undefined || sources.variables.get("COMPOSE_FILE")) return own;
  const last = posix.join(place, production);
  const alone = readCompose([last], sources).services;
  return alone.length > 0 && alone.every((service) => service.image !== "" || service.built)
    ? [last]
    : [...own.slice(0, 1), last];
}

/** The configuration that a proxy mounts: a file, or those in a folder. */
function configOf(service: FoundService, local: (path: string) => string, read: ReadFile): string {
  const { kind } = kindOf(service);
  if (kind !== "proxy" && kind !== "nginx") return "";
  return service.mounts
    .flatMap(({ from, target }) => ("path" in from && /nginx|caddy|\.conf/i.test(target) ? [local(from.path)] : []))
    .flatMap((path) => [path, ...configsBelow(path, 0)])
    .flatMap((file) => read(file) ?? [])
    .join("\n");
}

const DEEPEST = 3;
const MOST_FILES = 60;

function configsBelow(folder: string, depth: number): readonly string[] {
  return entriesOf(folder)
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return depth < DEEPEST ? configsBelow(path, depth + 1) : [];
      return /\.conf$|^Caddyfile$/.test(entry.name) ? [path] : [];
    })
    .slice(0, MOST_FILES);
}

/** None where it is a file, isn't there, or is another user's. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
