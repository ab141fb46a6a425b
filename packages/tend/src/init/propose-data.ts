import { posix } from "node:path";
import type { Found, FoundService, Mount } from "./found.ts";
import type { Group } from "./group.ts";
import { isKept, isPassing, isUnnamed } from "./kept.ts";
import { kindOf } from "./kinds.ts";
import { free, oneLine, plainName } from "./names.ts";
import type { Note, Section, Subject } from "./proposal.ts";
import { postgresOf } from "./propose-postgres.ts";

export interface ProposedData {
  readonly databases: Section;
  readonly files: Section;
  readonly guesses: readonly Note[];
  readonly left: readonly string[];
  /** Services that write a SQLite file. */
  readonly writers: ReadonlySet<FoundService>;
}

/** More SQLite files than these in one app are a program's own business, such as a browser's profiles. */
const MOST_SQLITE = 4;

/** What an app keeps: in PostgreSQL by its addresses, in SQLite by its files, and in volumes and folders of its own. */
export function dataOf(group: Group, found: Found): ProposedData {
  const left: string[] = [];
  const { project, services } = group;
  const postgres = postgresOf(group, found, left);
  const mounts = distinct(services.filter((service) => kindOf(service).kind === "app"));
  const sqlite = mounts.flatMap(({ mount }) => mount.sqlite.map((file) => sqliteSubject(file, mount, project.name)));
  const written = services.flatMap((service) => addressedFiles(service, project.name, sqlite));
  const files = [...sqlite, ...written];
  if (files.length > MOST_SQLITE)
    left.push(`${files.length} SQLite files, such as ${files[0]?.value["sqlite"]}: declare those that matter under databases`);
  const databases = named([...postgres, ...(files.length > MOST_SQLITE ? [] : files)]);
  const taken = new Set(Object.keys(databases.section));
  const kept = named(
    mounts.flatMap(({ mount, service }) => filesOf(mount, service, project, left)),
    taken,
  );
  for (const service of services) left.push(...notKept(service, project.name));
  return {
    databases: databases.section,
    files: kept.section,
    guesses: [
      ...databases.guesses.map((note) => ({ ...note, path: ["databases", ...note.path] })),
      ...kept.guesses.map((note) => ({ ...note, path: ["files", ...note.path] })),
    ],
    left: [...new Set(left)],
    writers: new Set(
      mounts
        .filter(({ mount }) => mount.sqlite.length > 0)
        .map(({ service }) => service)
        .concat(services.filter(hasSqliteAddress)),
    ),
  };
}

function hasSqliteAddress(service: FoundService): boolean {
  return service.addresses.some(({ kind }) => kind === "sqlite");
}

/** One database is `main`; of several, each goes by its own name. */
function named(subjects: readonly Subject[], taken = new Set<string>()): { section: Section; guesses: readonly Note[] } {
  const once = [...new Map(subjects.map((one) => [JSON.stringify(one.value), one])).values()];
  const databases = once.filter(({ value }) => !("volume" in value) && !("path" in value));
  const entries = once.map((one) => {
    const alone = databases.length === 1 && databases[0] === one;
    return { ...one, key: free(alone ? "main" : plainName(one.name, "data"), taken) };
  });
  return {
    section: Object.fromEntries(entries.map(({ key, value }) => [key, value])),
    guesses: entries.flatMap(({ key, guess }) => (guess === undefined ? [] : [{ path: [key], text: guess }])),
  };
}

/** Each mount once, with the first service that has it. */
function distinct(services: readonly FoundService[]): readonly { mount: Mount; service: FoundService }[] {
  const all = services.flatMap((service) => service.mounts.filter(isKept).map((mount) => ({ mount, service })));
  return [...new Map(all.toReversed().map((one) => [JSON.stringify(one.mount.from), one])).values()].toReversed();
}

function sqliteSubject(file: string, { from }: Mount, project: string): Subject {
  const name = posix.basename(file).replace(/\.[^.]*$/, "");
  if ("volume" in from) return { name, value: { sqlite: { path: file, volume: ownVolume(from.volume, project) } } };
  return { name, value: { sqlite: posix.join(from.path, file) } };
}

/** A file that only an address names: it may not be there yet, or could not be looked at. */
function addressedFiles(service: FoundService, project: string, known: readonly Subject[]): readonly Subject[] {
  return service.addresses.flatMap((address): readonly Subject[] => {
    if (address.kind !== "sqlite") return [];
    const mount = service.mounts.find(({ target }) => address.path.startsWith(`${target.replace(/\/$/, "")}/`));
    if (!mount) return [];
    const subject = sqliteSubject(posix.relative(mount.target, address.path), mount, project);
    const isKnown = known.some(({ value }) => JSON.stringify(value) === JSON.stringify(subject.value));
    return isKnown ? [] : [{ ...subject, guess: "by the app's own address for it; the file wasn't seen" }];
  });
}

/** `skriptoteket_artifacts_data` as the compose file calls it: `artifacts_data`. */
function ownVolume(volume: string, project: string): string {
  return volume.startsWith(`${project}_`) ? volume.slice(project.length + 1) : volume;
}

const UNSEEN = "it couldn't be looked into; a SQLite file in it belongs under databases";

function filesOf(mount: Mount, service: FoundService, project: Group["project"], left: string[]): readonly Subject[] {
  const { from, sqlite, others, unseen } = mount;
  const what = "volume" in from ? ownVolume(from.volume, project.name) : from.path;
  if (isPassing(mount)) {
    left.push(oneLine(`${what}: it can be made again, as its name says`));
    return [];
  }
  if (
    sqlite.length > 0 ||
    (hasSqliteAddress(service) && service.addresses.some((one) => one.kind === "sqlite" && one.path.startsWith(mount.target)))
  ) {
    if (others && sqlite.length > 0)
      left.push(oneLine(`${what} has other files beside the database: tend backs up the database alone`));
    return [];
  }
  if ("volume" in from) {
    const volume = ownVolume(from.volume, project.name);
    return [
      { name: volume.replace(/[-_]?(?:data|volume|vol)$/i, "") || volume, value: { volume }, guess: unseen ? UNSEEN : undefined },
    ];
  }
  if (from.path === project.folder || `${project.folder}/`.startsWith(`${from.path}/`)) return [];
  if (!from.path.startsWith(`${project.folder}/`)) {
    left.push(
      oneLine(
        `${from.path} of ${service.name}: outside the app's folder, and maybe large; files: { NAME: { path: … } } backs it up`,
      ),
    );
    return [];
  }
  return [{ name: posix.basename(from.path), value: { path: from.path }, guess: unseen ? UNSEEN : undefined }];
}

/** What an engine keeps is no use as files that were copied while it wrote; what has no name is gone with its container. */
function notKept(service: FoundService, project: string): readonly string[] {
  const isEngine = kindOf(service).kind === "engine";
  const kept = service.mounts.filter((mount) => isKept(mount) && !isPassing(mount));
  const unnamed = service.mounts
    .filter(isUnnamed)
    .map((mount) => oneLine(`${service.name}'s ${mount.target}: a volume without a name`));
  if (!isEngine || kept.length === 0) return unnamed;
  const what = kept.map(({ from }) => ("volume" in from ? ownVolume(from.volume, project) : from.path)).join(", ");
  return [...unnamed, oneLine(`${service.name}'s data in ${what}: tend can't back up this engine`)];
}
