import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { SqliteDatabase } from "../../model/data.ts";
import type { SubjectName } from "../../model/names.ts";
import type { Script } from "../../transport/argv.ts";
import type { SqliteSite } from "./site.ts";

export type Tool = "python3" | "node" | "sqlite3";

/** What AGENTS.md promises that a host needs, and no more. */
const COREUTILS =
  "awk basename cat chmod chown comm cp cut date df dirname env find grep head id ln ls mkdir mktemp mv od readlink rm sed sh sha256sum sleep sort stat sync tail timeout touch tr uname wc";

/** The tools that this machine has; the tests of another are left out. */
export const TOOLS: ReadonlyMap<Tool, string> = new Map(
  (["python3", "node", "sqlite3"] as const).flatMap((tool) => {
    const path = tool === "node" ? process.execPath : located(tool);
    return path ? [[tool, path] as const] : [];
  }),
);

/** Shells that a host may have as its sh. */
export const SHELLS: readonly (readonly string[])[] = [["dash"], ["busybox", "sh"]].filter(([shell]) => onPath(shell as string));

function onPath(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(":")
    .map((folder) => join(folder, name))
    .find(existsSync);
}

function located(tool: Tool): string | undefined {
  try {
    if (tool === "sqlite3") return onPath(tool);
    return execFileSync(tool, ["-c", "import sys, sqlite3; print(sys.executable)"], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return undefined;
  }
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** What came by descriptor 3. */
  readonly about: string;
}

export interface Container {
  readonly status?: string;
  readonly user?: string;
  readonly project?: string;
  readonly tools?: readonly Tool[];
  readonly mounts: readonly {
    readonly type?: "bind" | "volume";
    readonly name?: string;
    readonly source: string;
    readonly target: string;
    readonly writable?: boolean;
  }[];
}

/** For tests: a host with exactly these tools, and a Docker whose containers are folders and paths of this machine. */
export class SqliteBench {
  readonly folder = mkdtempSync(join(tmpdir(), "tend-sqlite-"));
  readonly data = join(this.folder, "data");
  readonly #docker = join(this.folder, "docker");

  constructor() {
    for (const folder of [this.data, this.#docker, join(this.#docker, "volumes")]) mkdirSync(folder);
    writeFileSync(join(this.folder, "docker.sh"), DOCKER);
    for (const tools of ["", ...TOOLS.keys()]) this.#toolbox(`bin-${tools}`, tools ? [tools as Tool] : []);
    this.#toolbox("bin-all", [...TOOLS.keys()]);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  file(name: string): string {
    return join(this.data, name);
  }

  get names(): readonly string[] {
    return readdirSync(this.data).sort();
  }

  site(path: string, more: Partial<SqliteDatabase> & Partial<Omit<SqliteSite, "database">> = {}): SqliteSite {
    const { volume, helper, ...site } = more;
    return {
      database: { kind: "sqlite", name: "main" as SubjectName, path, volume, helper },
      containers: [],
      run: "r7k2p",
      ...site,
    };
  }

  container(name: string, { status = "running", user = "", project = "", tools = [], mounts }: Container): void {
    this.#toolbox(`docker/${name}.bin`, tools);
    const told = mounts.flatMap((mount) => [
      `type ${mount.type ?? "bind"}`,
      `name ${mount.name ?? ""}`,
      `source ${mount.source}`,
      `target ${mount.target}`,
      `writable ${mount.writable ?? true}`,
    ]);
    const lines = [
      `container /${name}`,
      `status ${status}`,
      `user ${user}`,
      `image ${name}`,
      `project ${project}`,
      ...told,
      "end",
    ];
    writeFileSync(join(this.#docker, `${name}.txt`), `${lines.join("\n")}\n`);
  }

  /** An image by itself. */
  image(name: string, tools: readonly Tool[]): void {
    this.#toolbox(`docker/${name}.bin`, tools);
  }

  volume(name: string): string {
    const folder = join(this.#docker, "volumes", name);
    mkdirSync(folder);
    return folder;
  }

  /** The Docker commands so far, programs left out. */
  get commands(): readonly string[] {
    const file = join(this.#docker, "log");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  }

  run(
    script: Script,
    how: {
      readonly shell?: readonly string[];
      readonly tools?: Tool | "" | "all";
      readonly stdin?: Buffer | string;
      readonly env?: Readonly<Record<string, string>>;
      /** Its process group. */
      readonly started?: (pid: number) => void;
    } = {},
  ): Promise<Ran> {
    const { shell: [shell = "sh", ...applet] = ["sh"], tools = "all", stdin = "", env = {} } = how;
    const file = join(this.folder, `script-${Math.random().toString(36).slice(2)}.sh`);
    writeFileSync(file, script.text);
    const child = spawn(onPath(shell) as string, [...applet, file], {
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      detached: true,
      env: { PATH: this.path(tools), HOME: this.folder, LC_ALL: "C", TMPDIR: this.folder, FAKE: this.#docker, ...env },
    });
    how.started?.(child.pid as number);
    const [stdout, stderr, about] = [1, 2, 3].map((fd) => {
      const pieces: Buffer[] = [];
      (child.stdio[fd] as NodeJS.ReadableStream).on("data", (piece: Buffer) => pieces.push(piece));
      return pieces;
    }) as [Buffer[], Buffer[], Buffer[]];
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
    return new Promise((resolve) =>
      child.on("close", (status) => {
        rmSync(file, { force: true });
        const text = (pieces: Buffer[]) => Buffer.concat(pieces).toString();
        resolve({ status, stdout: Buffer.concat(stdout), stderr: text(stderr), about: text(about) });
      }),
    );
  }

  path(tools: Tool | "" | "all"): string {
    return join(this.folder, `bin-${tools}`);
  }

  #toolbox(name: string, tools: readonly Tool[]): void {
    const folder = join(this.folder, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const tool of COREUTILS.split(" ")) {
      const path = onPath(tool);
      if (path) symlinkSync(path, join(folder, tool));
    }
    for (const tool of tools) symlinkSync(TOOLS.get(tool) as string, join(folder, tool));
    symlinkSync(join(this.folder, "docker.sh"), join(folder, "docker"));
    chmodSync(join(this.folder, "docker.sh"), 0o755);
  }
}

/**
 * As much of Docker as the scripts use. A container's paths are this machine's, so what is mounted somewhere is there by
 * a symbolic link that the test makes; in a container of its own, /tend is replaced by what is mounted there.
 */
const DOCKER = String.raw`#!/bin/sh
for word in "$@"; do case $word in *'
'*) printf '… ' ;; *) printf '%s ' "$(printf '%s' "$word" | cut -c 1-200)" ;; esac; done >>"$FAKE"/log
echo >>"$FAKE"/log
case $1 in
container)
  shift 4 status=0
  for name in "$@"; do cat "$FAKE/$name.txt" 2>/dev/null || { echo "No such container: $name" >&2; status=1; }; done
  exit $status ;;
volume)
  for name in "$@"; do :; done
  [ -d "$FAKE/volumes/$name" ] && printf '%s\n%s\n' "$name" "$FAKE/volumes/$name" ;;
exec)
  shift
  while :; do case $1 in -e) shift 2 ;; -*) shift ;; *) break ;; esac; done
  grep -q '^status running' "$FAKE/$1.txt" || { echo "container $1 is not running" >&2; exit 1; }
  PATH=$FAKE/$1.bin; export PATH
  shift
  command -v "$1" >/dev/null || { echo "exec: \"$1\": executable file not found" >&2; exit 127; }
  exec "$@" ;;
cp)
  name=$(echo "$2" | cut -d : -f 1) path=$(echo "$2" | cut -d : -f 2)
  [ -e "$FAKE/$name.layer$path" ] ;;
run)
  shift
  while :; do
    case $1 in
    --mount) mount=$2; shift 2 ;;
    --entrypoint) entry=$2; shift 2 ;;
    --rm|-i) shift ;;
    -*) shift 2 ;;
    *) break ;;
    esac
  done
  image=$1; shift
  source=$(printf '%s' "$mount" | sed 's/^[^"]*"source=//; s/",target=.*$//; s/""/"/g')
  case $mount in type=volume*) source=$FAKE/volumes/$source ;; esac
  [ -d "$FAKE/$image.bin" ] || { echo "Unable to find image $image" >&2; exit 125; }
  count=$#
  while [ $count -gt 0 ]; do
    word=$1; shift; count=$(( count - 1 ))
    case $word in /tend/*) word=$source/$(printf '%s' "$word" | cut -c 7-) ;; esac
    set -- "$@" "$word"
  done
  PATH=$FAKE/$image.bin; export PATH
  command -v "$entry" >/dev/null || { echo "exec: \"$entry\": executable file not found" >&2; exit 127; }
  exec "$entry" "$@" ;;
*) echo "the test's Docker knows no $1" >&2; exit 1 ;;
esac
`;

/** A database whose tables only make sense together: what leaves `left` arrives in `right`, and both halves of `pair` count it. */
export function ledger(path: string, journal: "wal" | "delete" = "wal", pages = 40): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode=${journal}; PRAGMA synchronous=OFF;
CREATE TABLE left_side(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL, filling BLOB);
CREATE TABLE pair(a INTEGER, b INTEGER);
CREATE TABLE right_side(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL, filling BLOB);
INSERT INTO pair VALUES (0, 0);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${pages - 1}) INSERT INTO left_side SELECT i, 1000, zeroblob(3600) FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${pages - 1}) INSERT INTO right_side SELECT i, 1000, zeroblob(3600) FROM n;
COMMIT;`);
  db.close();
}

const WRITER = `
const { DatabaseSync } = require("node:sqlite");
const [path, pages, pause] = process.argv.slice(1);
const db = new DatabaseSync(path);
db.exec("PRAGMA synchronous=OFF; PRAGMA busy_timeout=10000");
const left = db.prepare("UPDATE left_side SET amount = amount - 1 WHERE id = ?");
const right = db.prepare("UPDATE right_side SET amount = amount + 1 WHERE id = ?");
const both = db.prepare("UPDATE pair SET a = a + 1, b = b + 1");
let n = 0, worst = 0;
process.on("SIGTERM", () => { process.send({ n, worst }, () => process.exit()); });
function write() {
  const began = performance.now();
  db.exec("BEGIN IMMEDIATE");
  left.run(n * 7 % pages);
  both.run();
  right.run(n * 11 % pages);
  db.exec("COMMIT");
  worst = Math.max(worst, performance.now() - began);
  if (++n === 1) process.send("writing");
  Number(pause) ? setTimeout(write, Number(pause)) : setImmediate(write);
}
write();
`;

export interface Writer {
  /** How many transactions there were, and how long the slowest took in milliseconds. */
  stop(): Promise<{ readonly n: number; readonly worst: number }>;
  kill(): Promise<void>;
}

/** A process of its own that writes to a ledger: without a pause as fast as it can. */
export async function writing(path: string, pages = 40, pause = 0): Promise<Writer> {
  const child = spawn(process.execPath, ["--no-warnings", "-e", WRITER, path, String(pages), String(pause)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const gone = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  await new Promise((resolve) => child.once("message", resolve));
  return {
    stop: async () => {
      const told = new Promise<{ n: number; worst: number }>((resolve) => child.once("message", (it) => resolve(it as never)));
      child.kill("SIGTERM");
      const result = await told;
      await gone;
      return result;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

export interface Tally {
  /** What SQLite itself finds wrong. */
  readonly integrity: string;
  /** Of one moment: nothing left one side that didn't arrive at the other. */
  readonly whole: boolean;
  /** How many transactions it holds. */
  readonly n: number;
}

/** What a copy of a ledger comes to, read without touching it. */
export function tally(path: string): Tally {
  const url = pathToFileURL(path);
  url.search = "immutable=1";
  const db = new DatabaseSync(url, { readOnly: true });
  try {
    const { integrity_check: integrity } = db.prepare("PRAGMA integrity_check").get() as { integrity_check: string };
    const sums = db
      .prepare(
        "SELECT (SELECT sum(1000 - amount) FROM left_side) AS gone, (SELECT sum(amount - 1000) FROM right_side) AS come, a, b FROM pair",
      )
      .get() as { gone: number; come: number; a: number; b: number };
    return { integrity, whole: sums.gone === sums.come && sums.a === sums.b && sums.a === sums.gone, n: sums.a };
  } finally {
    db.close();
  }
}
