import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What a process is: written before it starts, so that it can be started again as it was. */
export interface Spec {
  readonly words: readonly string[];
  /** The release's folder, absolute: `tree` and `env` are in it. */
  readonly release: string;
  /** Variables beside those of the env files, as NAME=VALUE. */
  readonly set: readonly string[];
  /** It gets a port of its own, in PORT. */
  readonly listens: boolean;
  /** The log file, absolute. */
  readonly log: string;
}

/** A process by its number and its beginning: numbers are given out again. */
export interface Pid {
  readonly pid: number;
  readonly identity: string;
}

export interface Running extends Pid {
  readonly keeper: Pid;
  /** On the loopback address. */
  readonly port?: number;
  /** RFC 3339. */
  readonly since: string;
}

export interface Ended {
  readonly at: string;
  readonly code?: number;
  readonly signal?: string;
  /** Why it could not be started at all. */
  readonly error?: string;
}

/** Who holds a public port. */
export interface Front extends Pid {
  readonly port: number;
  readonly address?: string;
}

/** Where a front sends requests. Without a port they wait, at most until then. */
export type Target = { readonly process: string; readonly port: number } | { readonly pausedUntil: number };

/** What a front has heard and has at hand; `target` is the word of the target file, once it has been taken. */
export interface FrontState {
  readonly target?: Target;
  /** Requests under way, by the port that they were sent to. */
  readonly inFlight: Readonly<Record<string, number>>;
}

/** One process of a service: `SERVICE/processes/NAME`. */
export class ProcessFolder {
  readonly service: string;
  readonly name: string;
  readonly path: string;

  constructor(service: string, name: string) {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name)) throw new Error(`"${name}" is no name of a process`);
    this.service = resolve(service);
    this.name = name;
    this.path = join(this.service, "processes", name);
  }

  static all(service: string): readonly ProcessFolder[] {
    return names(join(service, "processes")).map((name) => new ProcessFolder(service, name));
  }

  file(name: "spec.json" | "process.json" | "ended.json" | "output" | "pid"): string {
    return join(this.path, name);
  }

  get spec(): Spec | undefined {
    return readJson(this.file("spec.json"));
  }
  get running(): Running | undefined {
    return readJson(this.file("process.json"));
  }
  get ended(): Ended | undefined {
    return readJson(this.file("ended.json"));
  }
}

/** One public port of a service: `SERVICE/fronts/PORT`. */
export class FrontFolder {
  readonly port: number;
  readonly path: string;

  constructor(service: string, port: number) {
    this.port = port;
    this.path = join(resolve(service), "fronts", String(port));
  }

  static all(service: string): readonly FrontFolder[] {
    return names(join(service, "fronts")).map((name) => new FrontFolder(service, Number(name)));
  }

  file(name: "front.json" | "target.json" | "state.json" | "pid" | "log"): string {
    return join(this.path, name);
  }

  get front(): Front | undefined {
    return readJson(this.file("front.json"));
  }
  get state(): FrontState | undefined {
    return readJson(this.file("state.json"));
  }
}

export function liveFile(service: string): string {
  return join(service, "live");
}

export function readJson<T>(file: string): T | undefined {
  const text = readText(file);
  return text ? (JSON.parse(text) as T) : undefined;
}

export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Whole or not at all, whatever happens meanwhile. */
export function writeWhole(file: string, content: unknown): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const text = typeof content === "string" ? content : `${JSON.stringify(content)}\n`;
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
