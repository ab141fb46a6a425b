import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

const LAST_WORDS_MS = 100;

/**
 * Settles with a process's exit status once its output is read, or soon after: a background process that
 * inherited its stdout could keep that open for ever. A process that couldn't be started ends with 127, as in a shell.
 */
export async function ended(child: ChildProcess): Promise<number> {
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const status = await new Promise<number>((resolve) => {
    child.on("error", () => child.pid === undefined && resolve(127));
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  await Promise.race([closed, delay(LAST_WORDS_MS, undefined, { ref: false })]);
  return status;
}

export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Ends a process politely, then not; settles when it is gone. */
export async function end(child: ChildProcess, patience = 2000): Promise<void> {
  if (hasEnded(child)) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), patience);
  await gone;
  clearTimeout(hard);
}

const TAIL_BYTES = 4096;

/** The last that a process wrote to a stream: where it says why it ends. */
export class Tail {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]).subarray(-TAIL_BYTES);
  }

  get text(): string {
    return this.#bytes.toString("utf8");
  }
}
