import { posix } from "node:path";
import type { Ended, Front, Running, Spec } from "../../front/files.ts";
import { identity } from "../../front/identity.ts";
import { type Probe, probe } from "../../observe/observe.ts";
import { type Script, sh } from "../../transport/argv.ts";
import type { ServiceStatus } from "../runtime.ts";
import { type RunConfig, releaseFolder, releaseOf } from "./place.ts";

/** A process that tend started, dead or alive. */
export interface ProcessFacts {
  /** That of the run which started it. */
  readonly name: string;
  readonly release: number;
  readonly alive: boolean;
  readonly running?: Running;
  readonly ended?: Ended;
}

export interface FrontFacts {
  readonly port: number;
  readonly address?: string;
  readonly alive: boolean;
}

export interface ServiceFacts {
  /** The process that is the service, as the last switch said. */
  readonly live?: string;
  readonly processes: readonly ProcessFacts[];
  readonly fronts: readonly FrontFacts[];
}

/** A release's folder that is still there, and what it was made of. */
export interface KeptRelease {
  readonly commit: string;
  /** sha256 over the env files. */
  readonly env: string;
  readonly services: Readonly<Record<string, RunConfig>>;
}

export interface Processes {
  readonly services: Readonly<Record<string, ServiceFacts>>;
  /** By release number. */
  readonly kept: Readonly<Record<string, KeptRelease>>;
}

/** Reads what is in an app's folder; whether a process is alive is judged here, by its line in /proc. */
export function processesProbe(folder: Script): Probe<Processes> {
  return probe(
    sh`cd ${folder} 2>/dev/null || exit 0
tell() { [ ! -f "$2" ] || printf '%s %s\n' "$1" "$(cat "$2")"; }
alive() { [ ! -f "$1" ] || printf 'stat %s\n' "$(cat /proc/"$(cat "$1")"/stat 2>/dev/null | tr '\n' ' ')"; }
tell boot /proc/sys/kernel/random/boot_id
for service in services/*/; do
  [ -d "$service" ] || continue
  printf 'service %s\n' "$service"
  tell live "$service"live
  for folder in "$service"processes/*/; do
    [ -f "$folder"spec.json ] || continue
    printf 'process %s\n' "$folder"
    tell spec "$folder"spec.json
    tell running "$folder"process.json
    tell ended "$folder"ended.json
    alive "$folder"pid
  done
  for folder in "$service"fronts/*/; do
    [ -f "$folder"front.json ] || continue
    printf 'front %s\n' "$folder"
    tell holds "$folder"front.json
    alive "$folder"pid
  done
done
for folder in releases/*/; do
  [ -f "$folder"release.json ] || continue
  printf 'release %s\n' "$folder"
  tell made "$folder"release.json
done`,
    (seen) => parse(seen.stdout),
  );
}

interface Entry {
  readonly kind: string;
  readonly name: string;
  readonly facts: Map<string, string>;
}

function parse(text: string): Processes {
  const entries: Entry[] = [];
  let boot = "";
  for (const line of text.split("\n")) {
    const at = line.indexOf(" ");
    const [key, value] = [line.slice(0, at), line.slice(at + 1)];
    if (key === "boot") boot = value;
    else if (["service", "process", "front", "release"].includes(key)) {
      entries.push({ kind: key, name: posix.basename(value), facts: new Map() });
    } else entries.at(-1)?.facts.set(key, value);
  }
  const services: Record<string, { live?: string; processes: ProcessFacts[]; fronts: FrontFacts[] }> = {};
  const kept: Record<string, KeptRelease> = {};
  for (const { kind, name, facts } of entries) {
    const service = Object.values(services).at(-1);
    if (kind === "service") services[name] = { live: facts.get("live")?.trim(), processes: [], fronts: [] };
    if (kind === "process") service?.processes.push(processFacts(name, facts, boot));
    if (kind === "front") service?.fronts.push(frontFacts(facts, boot));
    const made = json<KeptRelease>(facts.get("made"));
    if (kind === "release" && made) kept[name] = made;
  }
  return { services, kept };
}

function processFacts(name: string, facts: Entry["facts"], boot: string): ProcessFacts {
  const running = json<Running>(facts.get("running"));
  const release = releaseOf(json<Spec>(facts.get("spec"))?.release ?? "") ?? 0;
  return { name, release, running, ended: json<Ended>(facts.get("ended")), alive: isAlive(running, facts.get("stat"), boot) };
}

function frontFacts(facts: Entry["facts"], boot: string): FrontFacts {
  const front = json<Front>(facts.get("holds"));
  return { port: front?.port ?? 0, address: front?.address, alive: isAlive(front, facts.get("stat"), boot) };
}

function isAlive(known: { readonly identity: string } | undefined, stat: string | undefined, boot: string): boolean {
  return known !== undefined && known.identity !== "" && stat !== undefined && identity(stat, boot) === known.identity;
}

function json<T>(text: string | undefined): T | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

const NONE: ServiceFacts = { processes: [], fronts: [] };

export function serviceFacts(processes: Processes, service: string): ServiceFacts {
  return processes.services[service] ?? NONE;
}

/** The process that is the service, dead or alive. */
export function liveProcess({ live, processes }: ServiceFacts): ProcessFacts | undefined {
  return processes.find((process) => process.name === live);
}

export function serviceStatus(service: string, processes: Processes, health: ServiceStatus["health"] = "none"): ServiceStatus {
  const facts = serviceFacts(processes, service);
  const process = liveProcess(facts);
  if (!process) return { service, state: "absent", health: "none", restarts: 0, ports: [] };
  const commit = processes.kept[process.release]?.commit;
  const inside = process.running?.port;
  const ports = facts.fronts
    .filter(({ alive }) => alive)
    .map(({ port }) => (inside && process.alive ? `${port}→${inside}` : `${port}`));
  return {
    service,
    container: process.running && `process ${process.running.pid}`,
    state: process.alive ? "running" : "exited",
    health: process.alive ? health : "none",
    exitCode: process.alive ? undefined : process.ended?.code,
    restarts: 0,
    since: process.alive ? process.running?.since : process.ended?.at,
    ports,
    image: commit ? { ref: releaseFolder(process.release), id: commit } : undefined,
  };
}

/** The facts as they will be once the app was stopped: for a plan that stops it and starts it again. */
export function asStopped(processes: Processes): Processes {
  const services = Object.entries(processes.services).map(([name, service]): [string, ServiceFacts] => [
    name,
    {
      ...service,
      processes: service.processes.map((process) => ({ ...process, alive: false })),
      fronts: service.fronts.map((front) => ({ ...front, alive: false })),
    },
  ]);
  return { ...processes, services: Object.fromEntries(services) };
}
