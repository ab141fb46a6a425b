import { randomInt } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { distance } from "fastest-levenshtein";
import { Failure } from "./model/failure.ts";
import { type Fleet, type Host, hostItself, isHostItself } from "./model/fleet.ts";
import { type AppName, type HostName, type RunId, runId } from "./model/names.ts";
import type { Place } from "./runtime/runtime.ts";
import type { Counters, Transport } from "./transport/transport.ts";

export interface SessionOptions {
  readonly cwd: string;
  readonly file?: string;
  readonly environment?: string;
  readonly signal?: AbortSignal;
}

/** One invocation of tend: its declaration, the hosts it has reached, who it acts for. */
export class Session {
  readonly options: SessionOptions;
  readonly #transports = new Map<HostName, Promise<Transport>>();
  #fleet: Promise<Fleet> | undefined;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  fleet(): Promise<Fleet> {
    this.#fleet ??= import("./config/load.ts").then(({ loadFleet }) => loadFleet(this.options));
    return this.#fleet;
  }

  /** Reaches a host, once. Throws `host.unreachable`. */
  transport(host: Host): Promise<Transport> {
    const known = this.#transports.get(host.name);
    if (known) return known;
    const opening = import("./transport/index.ts").then(({ openTransport }) => openTransport(host));
    this.#transports.set(host.name, opening);
    return opening;
  }

  async place(name: AppName): Promise<Place> {
    const fleet = await this.fleet();
    if (isHostItself(name)) return this.hostPlace(name.slice(1) as HostName);
    const app = fleet.apps.get(name);
    if (!app) throw unknownApp(fleet, name);
    return { fleet, app, host: fleet.hosts.get(app.host) as Host };
  }

  /** A host itself as the place of a run: `@hemma` has a lock and a journal of its own. */
  async hostPlace(name: HostName): Promise<Place> {
    const fleet = await this.fleet();
    const host = fleet.hosts.get(name);
    if (!host) throw unknownHost(fleet, name);
    return { fleet, host, app: hostItself(host) };
  }

  /** The apps named, or all, by host. */
  async places(names: readonly AppName[]): Promise<readonly Place[]> {
    const fleet = await this.fleet();
    return Promise.all((names.length > 0 ? names : [...fleet.apps.keys()]).map((name) => this.place(name)));
  }

  /** `anna@laptop`; in CI, who and what the runner says. */
  get by(): string {
    const { GITHUB_ACTOR, GITLAB_USER_LOGIN, TEND_BY } = process.env;
    const user = TEND_BY ?? GITHUB_ACTOR ?? GITLAB_USER_LOGIN ?? userName();
    return `${user}@${hostname()}`.replaceAll(/[^\w.@+-]/g, "_").slice(0, 100);
  }

  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  /** What reaching the hosts took: for the benchmarks, and for the curious in --json. */
  async counters(): Promise<Readonly<Record<string, Counters>>> {
    const opened = await Promise.allSettled(this.#transports.values());
    return Object.fromEntries(
      opened.flatMap((one) => (one.status === "fulfilled" ? [[one.value.host, { ...one.value.counters }]] : [])),
    );
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#transports.values());
    await Promise.all(opened.map((result) => (result.status === "fulfilled" ? result.value.close() : undefined)));
  }
}

/** Short enough to say over a table; 36^4 of them against the 50 that a host keeps. */
export function newRunId(): RunId {
  const digits = Array.from({ length: 5 }, () => randomInt(36).toString(36)).join("");
  return runId.parse(`r${digits}`) as RunId;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env["USER"] ?? "unknown";
  }
}

function unknownApp(fleet: Fleet, name: string): Failure {
  return unknownName(fleet, "app", name, [...fleet.apps.keys()]);
}

export function unknownHost(fleet: Fleet, name: string): Failure {
  return unknownName(fleet, "host", name, [...fleet.hosts.keys()]);
}

function unknownName(fleet: Fleet, what: string, name: string, all: readonly string[]): Failure {
  const [nearest] = all.toSorted((one, other) => distance(name, one) - distance(name, other));
  return new Failure({
    id: "usage",
    exit: "usage",
    title: `${fleet.name} has no ${what} "${name}"`,
    where: fleet.file,
    evidence: [all.length > 0 ? `it has ${all.join(", ")}` : "it declares none"],
    help: nearest && distance(name, nearest) <= 3 ? `did you mean "${nearest}"?` : undefined,
  });
}

export function appsByHost(places: readonly Place[]): ReadonlyMap<HostName, readonly Place[]> {
  return Map.groupBy(places, (place) => place.host.name);
}
