import { readdir, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { observe } from "../observe/observe.ts";
import { sh } from "../transport/argv.ts";
import type { Transport } from "../transport/transport.ts";
import { readCompose } from "./compose-text.ts";
import type { Found, FoundProject, FoundService } from "./found.ts";
import { kindOf } from "./kinds.ts";
import { folderProbe } from "./look-closer.ts";
import { plainName } from "./names.ts";
import { readEnvFile } from "./variables.ts";

const MOST_BYTES = 200_000;
const MOST_FILES = 60;
/** Written as ~: whose home it is, nobody has said. */
const SERVER_HOME = "/home/user";

/** What Compose takes when it isn't told, in its order. */
const OWN = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
const FOR_PRODUCTION = /^(?:docker-)?compose[.-]prod(?:uction)?\.ya?ml$/;

/** A folder with compose files, without a host to ask: what it will be on a server, as far as the files say. */
export async function readFolder(folder: string, here: Transport): Promise<Found | undefined> {
  const names = (await readdir(folder)).toSorted();
  const files = composeFiles(names);
  if (files.length === 0) return undefined;
  const texts = await readTexts(folder);
  const values = readEnvFile(texts.get(join(folder, ".env")) ?? "");
  const paths = files.map((name) => join(folder, name));
  const chosen = await choose(paths, texts, values);
  const read = readCompose(chosen, { texts, values });
  const { project } = await observe(here, sh`:`, { project: folderProbe(folder, chosen) });
  const name = read.name ?? plainName(basename(folder), "app");
  const place = `${SERVER_HOME}/apps/${basename(folder)}`;
  const moved = (path: string) => (path === folder || path.startsWith(`${folder}/`) ? place + path.slice(folder.length) : path);
  const services = read.services
    .filter(({ profiles }) => profiles.length === 0)
    .map((service) => ({
      ...service,
      container: service.container || `${name}-${service.name}-1`,
      mounts: service.mounts.map((mount) => ({
        ...mount,
        from: "path" in mount.from ? { path: moved(mount.from.path.replace(/^~(?=\/)/, SERVER_HOME)) } : mount.from,
      })),
    }));
  const found: FoundProject = {
    name,
    folder: place,
    files: chosen.map(moved),
    envFiles: [],
    there: true,
    git: project.git,
    services,
    idle: read.services
      .filter(({ profiles }) => profiles.length > 0)
      .map((service) => `${service.name} is in the profile ${service.profiles.join(", ")}`),
    named: read.name,
    hints: project.hints,
  };
  return {
    where: { kind: "unknown", name: "server" },
    home: SERVER_HOME,
    projects: [found],
    loose: [],
    configs: new Map(
      services.flatMap((service) =>
        configOf(service, texts, (path) => (path.startsWith(place) ? folder + path.slice(place.length) : path)),
      ),
    ),
    extensions: new Map(),
    timers: [],
    troubles: read.troubles.map((trouble) => trouble.replaceAll(`${folder}/`, "").replaceAll(homedir(), "~")),
  };
}

/** Compose's own file with its override, or the one for production. */
function composeFiles(names: readonly string[]): readonly string[] {
  const production = names.find((name) => FOR_PRODUCTION.test(name));
  const own = OWN.find((name) => names.includes(name));
  const over = own && names.find((name) => name === own.replace(/\.(ya?ml)$/, ".override.$1"));
  if (production) return own ? [own, production] : [production];
  return own ? [own, ...(over ? [over] : [])] : [];
}

/** The file for production alone, where it says all by itself; else laid over the other. */
async function choose(
  paths: readonly string[],
  texts: ReadonlyMap<string, string>,
  values: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const [, last] = paths;
  if (last === undefined || !FOR_PRODUCTION.test(basename(last))) return paths;
  const alone = readCompose([last], { texts, values }).services;
  return alone.length > 0 && alone.every((service) => service.image !== "" || service.built) ? [last] : paths;
}

/** Small text files of the folder and the folders below: compose files, what they include, a proxy's configuration. */
async function readTexts(folder: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const look = async (at: string, depth: number): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
    for (const { name } of entries.filter((entry) => entry.isFile() && isOfUse(entry.name, depth))) {
      const size = await stat(join(at, name)).then(
        (seen) => seen.size,
        () => MOST_BYTES,
      );
      if (texts.size < MOST_FILES && size < MOST_BYTES)
        texts.set(join(at, name), await readFile(join(at, name), "utf8").catch(() => ""));
    }
    const below = entries.filter((entry) => entry.isDirectory() && !/^(?:\.|node_modules$|vendor$)/.test(entry.name));
    for (const { name } of depth < 3 ? below : []) await look(join(at, name), depth + 1);
  };
  await look(folder, 0);
  return texts;
}

function isOfUse(name: string, depth: number): boolean {
  return /\.(?:ya?ml|conf)$|^Caddyfile$/.test(name) || (name === ".env" && depth === 0);
}

/** The configuration that a proxy mounts from the folder. */
function configOf(
  service: FoundService,
  texts: ReadonlyMap<string, string>,
  local: (path: string) => string,
): readonly (readonly [string, string])[] {
  const { kind } = kindOf(service);
  if (kind !== "proxy" && kind !== "nginx") return [];
  const sources = service.mounts.flatMap(({ from, target }) =>
    "path" in from && /nginx|caddy|Caddyfile|\.conf/i.test(target) ? [local(from.path)] : [],
  );
  const mounted = [...texts].filter(([path]) => sources.some((source) => path === source || path.startsWith(`${source}/`)));
  return mounted.length > 0 ? [[service.container, mounted.map(([, text]) => text).join("\n")] as const] : [];
}
