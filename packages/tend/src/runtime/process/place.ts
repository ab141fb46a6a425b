import { createHash } from "node:crypto";
import type { App, Service } from "../../model/fleet.ts";
import { appKey } from "../../observe/place.ts";
import { command, type Script } from "../../transport/argv.ts";

/** Where an app's things are on its host. All but the first are relative to it, which is where steps work. */
export function appFolder(state: string, app: App): string {
  return `${state}/apps/${appKey(app)}`;
}

export function serviceFolder(service: string): string {
  return `services/${service}`;
}

export function logFile(service: string): string {
  return `logs/${service}.log`;
}

/** A release's code is in `tree`, its env files are in `env`; also what a release's images are called in the journal. */
export function releaseFolder(release: number): string {
  return `releases/${release}`;
}

export function releaseOf(folder: string): number | undefined {
  const number = /(?:^|\/)releases\/(\d+)$/.exec(folder)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The program that does the work on the host, see ../../front/main.ts. */
export interface FrontProgram {
  /** The node there, and the program's path. */
  readonly argv: readonly [string, string];
  /** Only a host that is reached by ssh needs a copy of it, and only once. */
  readonly missing?: { readonly path: string; readonly content: string };
}

export function front(program: FrontProgram, ...words: readonly string[]): Script {
  return command([...program.argv, ...words]);
}

/** How a process is run, apart from its code and its env files. */
export interface RunConfig {
  readonly run: readonly string[];
  /** NAME=VALUE, as the declaration sets them for the whole app. */
  readonly set: readonly string[];
  readonly listens: boolean;
}

export function runConfig(app: App, service: Service): RunConfig {
  return {
    run: service.run ?? [],
    set: Object.entries(app.env).map(([name, value]) => `${name}=${value}`),
    listens: service.port !== undefined,
  };
}

export function digest(config: RunConfig): string {
  return createHash("sha256")
    .update(JSON.stringify([config.run, config.set, config.listens]))
    .digest("hex");
}
