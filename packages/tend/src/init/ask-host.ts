import { Failure } from "../model/failure.ts";
import type { Host } from "../model/fleet.ts";
import { observe, type Probe, probe } from "../observe/observe.ts";
import { prelude } from "../observe/place.ts";
import { sh } from "../transport/argv.ts";
import type { Transport } from "../transport/transport.ts";
import { readCompose } from "./compose-text.ts";
import { engineProbe, type FoundContainer } from "./engine.ts";
import type { Found, FoundProject, FoundService } from "./found.ts";
import { isKept } from "./kept.ts";
import { kindOf } from "./kinds.ts";
import {
  type Closer,
  configProbe,
  extensionsProbe,
  folderProbe,
  healthProbe,
  mountProbe,
  type Standing,
  scriptOf,
  timersProbe,
} from "./look-closer.ts";
import { serverOf, userOf } from "./servers.ts";

/** Everything that a declaration can be made of, in two round trips; nothing on the host changes. */
export async function askHost(transport: Transport, host: Host, where: Found["where"]): Promise<Found> {
  const first = await observe(transport, prelude(host), { home, engine: engineProbe, timers: timersProbe });
  const { trouble, containers } = first.engine;
  if (trouble !== undefined && containers.length === 0) throw dockerSilent(host, trouble);
  const own = containers.filter(({ oneOff }) => !oneOff);
  const projects = projectsOf(own);
  const second = closerProbes(projects, own);
  const answers = Object.keys(second).length === 0 ? {} : await observe(transport, prelude(host), second);
  const told = <T>(key: string): T | undefined => answers[key] as T | undefined;
  const at = new Map(own.map((one, index) => [one.service.container, index]));
  const complete = ({ service }: FoundContainer): FoundService => {
    const index = at.get(service.container);
    return {
      ...service,
      health: [...service.health, ...(told<readonly string[]>(`health${index}`) ?? [])],
      mounts: service.mounts.map((mount, number) => ({ ...mount, ...told<Standing>(`mount${index}_${number}`) })),
    };
  };
  return {
    where,
    home: first.home,
    projects: projects.map((project, index) => projectFrom(project, told<Closer>(`folder${index}`) as Closer, complete)),
    loose: own.filter(({ of }) => !of).map(complete),
    configs: new Map(own.flatMap(({ service }, index) => pair(service.container, told<string>(`config${index}`)))),
    extensions: new Map(databases(own).flatMap(([key], index) => pair(key, told<readonly string[]>(`extensions${index}`)))),
    timers: first.timers,
    troubles: [],
  };
}

const home = probe(sh`printf '%s\n' "$HOME"`, ({ stdout }) => stdout.trim());

type Grouped = { readonly key: NonNullable<FoundContainer["of"]>; readonly containers: readonly FoundContainer[] };

/**
 * Containers of one project that were started from the same files: another set of files is an app of its own. Who gives
 * one file today and an overlay with it tomorrow still has one app.
 */
function projectsOf(containers: readonly FoundContainer[]): readonly Grouped[] {
  const groups = Map.groupBy(
    containers.filter(({ of }) => of),
    ({ of }) => JSON.stringify([of?.project, of?.folder, of?.files]),
  );
  const found = [...groups.values()].map((group) => ({ key: group[0]?.of as Grouped["key"], containers: group }));
  const largest = found.toSorted((one, other) => other.key.files.length - one.key.files.length);
  const merged: Grouped[] = [];
  for (const group of largest) {
    const at = merged.findIndex((whole) => isPartOf(group.key, whole.key));
    const whole = merged[at];
    if (whole) merged[at] = { ...whole, containers: [...whole.containers, ...group.containers] };
    else merged.push(group);
  }
  return merged.toSorted((one, other) => (one.key.project < other.key.project ? -1 : 1));
}

function isPartOf(part: Grouped["key"], whole: Grouped["key"]): boolean {
  const isSame = part.project === whole.project && part.folder === whole.folder;
  return isSame && part.files.every((file) => whole.files.includes(file));
}

function closerProbes(projects: readonly Grouped[], containers: readonly FoundContainer[]): Record<string, Probe<unknown>> {
  const probes: Record<string, Probe<unknown>> = {};
  for (const [index, { key }] of projects.entries()) probes[`folder${index}`] = folderProbe(key.folder, key.files);
  for (const [index, container] of containers.entries()) {
    const { service, running } = container;
    if (!running) continue;
    const kind = kindOf(service).kind;
    if (kind === "proxy" || kind === "nginx") probes[`config${index}`] = configProbe(service.container);
    const script = scriptOf(service.health);
    if (script && kind === "app") probes[`health${index}`] = healthProbe(service.container, script);
    for (const [number, mount] of service.mounts.entries()) {
      if (kind === "app" && isKept(mount)) probes[`mount${index}_${number}`] = mountProbe(container, mount);
    }
  }
  for (const [index, [, probing]] of databases(containers).entries()) probes[`extensions${index}`] = probing;
  return probes;
}

/** Each database that a service's variables name and whose server is here; the key is `SERVER DATABASE`. */
function databases(containers: readonly FoundContainer[]): readonly (readonly [string, Probe<readonly string[]>])[] {
  const all = containers.map(({ service }) => service);
  const found = new Map<string, Probe<readonly string[]>>();
  for (const service of all) {
    for (const address of service.addresses) {
      if (address.kind !== "postgres" || address.database === undefined) continue;
      const server = serverOf(address.host, service, all);
      if (server)
        found.set(`${server.container} ${address.database}`, extensionsProbe(server.container, userOf(server), address.database));
    }
  }
  return [...found];
}

function projectFrom(
  { key, containers }: Grouped,
  closer: Closer,
  complete: (one: FoundContainer) => FoundService,
): FoundProject {
  const files = key.files.filter((file) => closer.texts.has(file));
  const text = readCompose(files, { read: (path) => closer.texts.get(path), variables: new Map() });
  const written = new Map(text.services.map((service) => [service.name, service]));
  const order = [...written.keys()];
  const place = ({ service }: FoundContainer) => (order.includes(service.name) ? order.indexOf(service.name) : order.length);
  const once = [...new Map(containers.map((one) => [one.service.name, one])).values()].toSorted(
    (one, other) => place(one) - place(other),
  );
  return {
    name: key.project,
    folder: key.folder,
    files: key.files,
    envFiles: key.envFiles,
    there: closer.there,
    git: closer.git,
    named: text.named,
    hints: closer.hints,
    idle: [...written.keys()]
      .filter((name) => !once.some(({ service }) => service.name === name))
      .map((name) => `${name} of the compose file has no container`),
    services: once.map((one) => {
      const inFile = written.get(one.service.name);
      return {
        ...complete(one),
        template: inFile?.template,
        built: inFile?.built ?? false,
        profiles: inFile?.profiles ?? [],
      };
    }),
  };
}

function pair<T>(key: string, value: T | undefined): readonly (readonly [string, T])[] {
  return value === undefined ? [] : [[key, value]];
}

function dockerSilent(host: Host, trouble: string): Failure {
  return new Failure({
    id: "docker.unreachable",
    exit: "unreachable",
    title: `Docker on ${host.name} can't be asked`,
    evidence: trouble.split("\n").slice(0, 3),
    changed: "nothing",
    help: `docker ps, on ${host.name} as the same user, shows the same error`,
  });
}
