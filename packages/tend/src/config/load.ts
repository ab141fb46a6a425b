import { createReadStream, readFileSync, statSync } from "node:fs";
import { access } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { Failure } from "../model/failure.ts";
import type { Fleet } from "../model/fleet.ts";
import { parseFleet } from "./parse-fleet.ts";

export { ConfigFailure } from "./failure.ts";
export { parseFleet };

const NAMES = ["tend.yaml", "tend.yml"] as const;
/** Enough to see that it is too much: the file named by mistake may be a disk image. */
const MAX_BYTES = 4_000_000;

const LEAST = `write one beside your compose file; the least is
  fleet: home
  hosts: { server: { ssh: NAME-IN-YOUR-SSH-CONFIG } }
  apps: { web: { host: server, path: ~/apps/web } }`;

export interface Place {
  /** The declaration, when it isn't to be looked for. */
  readonly file?: string;
  readonly cwd: string;
  readonly environment?: string;
}

/** The declaration that `file` names, else the nearest `tend.yaml` in `cwd` or above it. */
export async function loadFleet({ file, cwd, environment }: Place): Promise<Fleet> {
  const found = file === undefined ? await search(cwd) : resolve(cwd, file);
  const text = await read(found);
  return parseFleet(text, found, environment, relative(cwd, found) || found, readBeside);
}

/** A contract of one's own. */
function readBeside(path: string): string {
  if (statSync(path).size > MAX_BYTES) throw new Error("it is too large");
  return readFileSync(path, "utf8");
}

async function search(cwd: string): Promise<string> {
  const folders = [...upwards(resolve(cwd))];
  for (const folder of folders) {
    for (const name of NAMES) if (await exists(join(folder, name))) return join(folder, name);
  }
  throw new Failure({
    id: "config",
    exit: "usage",
    title: "there is no tend.yaml here",
    where: `looked for ${NAMES.join(" and ")} in ${folders.join(", ")}`,
    changed: "nothing",
    help: LEAST,
  });
}

function* upwards(folder: string): Iterable<string> {
  yield folder;
  if (dirname(folder) !== folder) yield* upwards(dirname(folder));
}

async function read(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(file, { end: MAX_BYTES })) chunks.push(chunk);
  } catch (error) {
    throw unreadable(file, error);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  EACCES: "you may not read it",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  ERR_INVALID_ARG_VALUE: "its path has a NUL in it",
};

function unreadable(file: string, error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return new Failure({
    id: "config",
    exit: "usage",
    title: "the declaration can't be read",
    where: file,
    why: REASONS[code] ?? (code || "reading it failed"),
    changed: "nothing",
    help: code === "ENOENT" ? LEAST : undefined,
    cause: error,
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
