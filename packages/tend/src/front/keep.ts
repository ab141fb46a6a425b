import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { environment } from "./environment.ts";
import { type Ended, ProcessFolder, type Spec, writeWhole } from "./files.ts";
import { identityOf } from "./identity.ts";
import { LogFile } from "./log-file.ts";

/** So much of what a process printed first is kept apart: it explains a start that failed. */
const FIRST = 256 * 1024;
/** How long what it printed last may still be on its way when it has ended. */
const LAST_WORDS_MS = 500;

/** Runs one process in a session of its own, from its start to its end: stamps what it prints, writes how it ended. */
export async function keep(service: string, name: string): Promise<number> {
  const folder = new ProcessFolder(service, name);
  const { spec } = folder;
  if (!spec) throw new Error(`${folder.path} has no spec.json`);
  const ended = (how: Omit<Ended, "at">) => writeWhole(folder.file("ended.json"), { at: new Date().toISOString(), ...how });
  process.on("SIGHUP", () => undefined);

  const port = spec.listens ? await freePort() : undefined;
  const child = begin(spec, port);
  for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => child.kill(name));
  const printed = record(folder, spec, child);
  child.once("spawn", () => {
    const pid = child.pid as number;
    const keeper = { pid: process.pid, identity: identityOf(process.pid) ?? "" };
    writeWhole(folder.file("process.json"), {
      pid,
      identity: identityOf(pid) ?? "",
      keeper,
      port,
      since: new Date().toISOString(),
    });
    writeWhole(folder.file("pid"), `${pid}\n`);
  });

  return new Promise((resolve) => {
    child.once("error", (error) => {
      if (child.pid !== undefined) return;
      ended({ error: whyNot(spec, error) });
      resolve(1);
    });
    child.once("exit", async (code, signal) => {
      endGroup(child);
      await Promise.race([printed, new Promise((done) => setTimeout(done, LAST_WORDS_MS))]);
      ended({ code: code ?? undefined, signal: signal ?? undefined });
      process.exit(0);
    });
  });
}

function begin(spec: Spec, port: number | undefined): ChildProcess {
  const [program = "", ...args] = spec.words;
  return spawn(program, args, {
    cwd: join(spec.release, "tree"),
    env: environment(spec.release, spec.set, port),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** What it has started and left behind. */
function endGroup(child: ChildProcess): void {
  try {
    process.kill(-(child.pid as number), "SIGKILL");
  } catch {
    // As it should be: there is nothing left.
  }
}

function record(folder: ProcessFolder, spec: Spec, child: ChildProcess): Promise<unknown> {
  const log = new LogFile(spec.log);
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  let first: number | undefined = openSync(folder.file("output"), "w", 0o600);
  let room = FIRST;
  const read = (stream: Readable | null) => {
    const lines = log.stream();
    stream?.on("data", (chunk: Buffer) => {
      lines.write(chunk);
      if (first === undefined) return;
      writeSync(first, chunk.subarray(0, room));
      room -= chunk.length;
      if (room > 0) return;
      closeSync(first);
      first = undefined;
    });
    return new Promise<void>((resolve) =>
      stream?.once("close", () => {
        lines.end();
        resolve();
      }),
    );
  };
  return Promise.all([read(child.stdout), read(child.stderr)]);
}

function whyNot(spec: Spec, error: NodeJS.ErrnoException): string {
  const [program] = spec.words;
  if (error.code !== "ENOENT") return error.message;
  return existsSync(join(spec.release, "tree"))
    ? `${program}: not found on the PATH`
    : `the release's folder is gone: ${spec.release}`;
}

/** One that the kernel would give out anyway; it is free again when the process takes it. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no free port"))));
    });
  });
}
