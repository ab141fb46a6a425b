import { posix } from "node:path";
import { projectNameOf } from "../compose-files/names.ts";
import { gitRef } from "../model/names.ts";
import type { Found, FoundProject, FoundService } from "./found.ts";
import type { Group } from "./group.ts";
import { kindOf, repositoryOf, standsAlone, tagVariable } from "./kinds.ts";
import { free, oneLine, sameBeginning } from "./names.ts";
import type { Note, ProposedApp, Section, Value } from "./proposal.ts";
import { dataOf } from "./propose-data.ts";
import { claim, healthPathOf, routeOf } from "./propose-routes.ts";
import type { Ways } from "./ways.ts";

export interface Setting {
  readonly found: Found;
  readonly ways: Ways;
  readonly host: string;
  readonly proxyNames: ReadonlyMap<unknown, string>;
  /** Routes that another app has already. */
  readonly taken: Set<string>;
}

/** The declaration of one app, in the order in which the guide explains it. */
export function proposeApp(name: string, group: Group, setting: Setting): ProposedApp {
  const { project } = group;
  const place = placeOf(project, setting.found);
  const data = dataOf(group, setting.found);
  const called = serviceNames(name, group);
  const services = servicesOf(group, setting, called, data.writers);
  const source = sourceOf(group, called);
  const migrations = project.hints.map((hint) => oneLine(`migrations: ${hint}; a deploy migrates once migrate says how`));
  const keeps = Object.keys(data.databases).length + Object.keys(data.files).length > 0;
  const backups: Section = keeps ? { backups: { to: ["~/backups"] } } : {};
  const value = defined({
    host: setting.host,
    ...place.value,
    source: source.value,
    services: services.value,
    databases: nonEmpty(data.databases),
    files: nonEmpty(atHome(data.files, setting.found.home)),
    ...backups,
  });
  const guesses = [
    ...place.guesses,
    ...services.guesses,
    ...data.guesses,
    ...(keeps ? [{ path: ["backups"], text: "a folder on the host; a second place is better" }] : []),
  ];
  const left = [
    ...services.left,
    ...data.left,
    ...source.left,
    ...(group.shared ? [] : project.idle),
    ...(group.shared ? [] : migrations),
  ];
  return {
    name,
    value,
    guesses,
    left: [...new Set(left.map((line) => oneLine(line.replaceAll(`${setting.found.home}/`, "~/"))))],
  };
}

function placeOf(project: FoundProject, found: Found): { value: Section; guesses: readonly Note[] } {
  const folder = project.files[0] === undefined ? project.folder : posix.dirname(project.files[0]);
  const files = project.files.map((file) => posix.relative(folder, file));
  const derived = [projectNameOf(folder), project.named];
  const envFiles = project.envFiles.map((file) => posix.relative(folder, file)).filter((file) => file !== ".env");
  const profiles = [...new Set(project.services.flatMap((service) => service.profiles))];
  const value = defined({
    path: home(folder, found.home),
    compose: files.length === 0 ? undefined : files.length === 1 ? (files[0] as string) : files,
    project: derived.includes(project.name) ? undefined : project.name,
    env_file: envFiles.length === 0 ? undefined : envFiles.length === 1 ? (envFiles[0] as string) : envFiles,
    profiles: profiles.length > 0 ? profiles : undefined,
  });
  const guesses: Note[] = [];
  if (found.where.kind === "unknown") guesses.push({ path: ["path"], text: "where it stands on the host" });
  if (project.folder !== folder)
    guesses.push({ path: ["path"], text: oneLine(`it was started with --project-directory ${project.folder}`) });
  return { value, guesses };
}

/** In a project of several apps, `legal-frontend` is legal's `frontend`; `legal` goes by its image. */
function serviceNames(app: string, { services, shared }: Group): ReadonlyMap<FoundService, string> {
  const taken = new Set<string>();
  return new Map(
    services.map((service) => {
      const image = repositoryOf(service.image).split("/").at(-1) as string;
      const short = [service.name, service.name === app ? image : ""]
        .map((text) => without(text, app))
        .find((text) => text !== "");
      const name = shared && short !== undefined && /^[A-Za-z0-9]/.test(short) ? short : service.name;
      return [service, free(taken.has(name) ? service.name : name, taken)];
    }),
  );
}

function without(text: string, app: string): string {
  return /^[-_.]/.test(text.slice(app.length)) && text.startsWith(app) ? text.slice(app.length + 1) : "";
}

function servicesOf(
  { services }: Group,
  { ways, proxyNames, taken }: Setting,
  called: ReadonlyMap<FoundService, string>,
  writers: ReadonlySet<FoundService>,
): { value: Value; guesses: readonly Note[]; left: readonly string[] } {
  const guesses: Note[] = [];
  const left: string[] = [];
  const entries = services.map((service) => {
    const name = called.get(service) as string;
    const path = ["services", name];
    const route = routeOf(service, ways, proxyNames, taken);
    for (const rule of ways.routes) if (rule.service === service) taken.add(claim(rule));
    const role = roleOf(service, writers);
    if (role) guesses.push({ path: [...path, "role"], text: role.because });
    if (route?.probe && route.guess) guesses.push({ path: [...path, "probe"], text: route.guess });
    if (route?.route["domain"] && !route.probe && service.health.length === 0)
      left.push(`${name} has no health check: probe: /PATH tells when it is well`);
    else if (route?.route["domain"] && !route.probe && healthPathOf(service.health) === undefined)
      left.push(`${name}'s health check names no address: probe: /PATH is what users would ask`);
    left.push(...(route?.left ?? []));
    const value = defined({
      compose: name === service.name ? undefined : service.name,
      role: role?.role,
      route: nonEmpty(route?.route ?? {}),
      probe: route?.probe,
    });
    return [name, value] as const;
  });
  const bare = entries.every(([, value]) => Object.keys(value).length === 0);
  return { value: bare ? entries.map(([name]) => name) : Object.fromEntries(entries), guesses, left };
}

function roleOf(service: FoundService, writers: ReadonlySet<FoundService>): { role: string; because: string } | undefined {
  if (service.done) return { role: "one-off", because: "it ran to its end" };
  if (writers.has(service)) return { role: "single-writer", because: "one SQLite file has one writer" };
  if (standsAlone(service)) return { role: "single-writer", because: "it holds a replication slot" };
  if (kindOf(service).kind === "engine") return { role: "single-writer", because: "it keeps data of its own" };
  return undefined;
}

interface ProposedSource {
  readonly value?: Section;
  readonly left: readonly string[];
}

function sourceOf({ project, services }: Group, called: ReadonlyMap<FoundService, string>): ProposedSource {
  const built = services.filter((service) => service.built);
  const none: ProposedSource = { left: [] };
  if (built.length > 0) {
    const names = built.map((service) => called.get(service)).join(", ");
    if (!project.git)
      return {
        ...none,
        left: [`${names}: built on the host, but its folder is no git checkout: no source says where new code comes from`],
      };
    if (project.git.upstream === "" || !gitRef.parse(project.git.branch))
      return { ...none, left: [`${names}: built on the host, but the branch ${project.git.branch} follows none of a remote`] };
    return { ...none, value: { git: project.git.branch } };
  }
  const tagged = services.flatMap((service) => {
    const variable = tagVariable(service.template ?? "");
    return variable === undefined ? [] : [{ service, variable, repository: repositoryOf(service.image) }];
  });
  const [first] = tagged;
  if (!first) return none;
  const isOne =
    tagged.length === services.length &&
    tagged.every((one) => one.variable === first.variable && one.repository === first.repository);
  if (isOne) return { ...none, value: { image: first.repository, tag: { env: first.variable } } };
  const tags = Object.fromEntries(tagged.map(({ service, variable }) => [called.get(service) as string, variable]));
  return { ...none, value: { images: beginning(tagged.map(({ repository }) => repository)), tags } };
}

/** What the repositories have in common, up to a slash; else the first one's registry. */
function beginning(repositories: readonly string[]): string {
  const folders = repositories.map((repository) => repository.split("/").slice(0, -1));
  const first = folders[0] ?? [];
  return sameBeginning(folders).join("/") || first[0] || "docker.io";
}

function home(path: string, folder: string): string {
  return folder.length > 1 && path.startsWith(`${folder}/`) ? `~/${path.slice(folder.length + 1)}` : path;
}

function atHome(files: Section, folder: string): Section {
  return Object.fromEntries(
    Object.entries(files).map(([name, value]) => {
      const path = typeof value === "object" && "path" in value ? value.path : undefined;
      return [name, typeof path === "string" ? { path: home(path, folder) } : value];
    }),
  );
}

function nonEmpty(section: Section): Section | undefined {
  return Object.keys(section).length > 0 ? section : undefined;
}

function defined(section: Readonly<Record<string, Value | undefined>>): Section {
  return Object.fromEntries(Object.entries(section).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}
