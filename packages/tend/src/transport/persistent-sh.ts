import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Script } from "./argv.ts";
import { Shell, ShellEnded } from "./shell.ts";
import type { Output, RunOptions } from "./transport.ts";

export interface ShellSource {
  /** Starts a `sh` that reads commands from its stdin. `again`: an earlier one ended by itself. */
  open(again: boolean): Promise<ChildProcessWithoutNullStreams>;
  /** Ends one in which a script runs that nobody waits for any more, and with it the group, when that is known. */
  discard(child: ChildProcessWithoutNullStreams, group: number | undefined): void;
  /** The error for a shell that ended under a script; `said` is what it wrote last. */
  lost(said: string): Promise<Error>;
  timedOut(milliseconds: number): Error;
}

/** A shell for script after script, one at a time; opened when needed, and anew when it was lost. */
export class PersistentSh {
  readonly #source: ShellSource;
  #shell: Shell | undefined;
  #lostOne = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: ShellSource) {
    this.#source = source;
  }

  /** Runs a script when those before it have ended. */
  run(script: Script, options: RunOptions = {}): Promise<Output> {
    const output = this.#turn.then(() => this.#run(script, options));
    this.#turn = output.catch(() => undefined);
    return output;
  }

  /**
   * Ends the shell, and with it the script that runs; what earlier scripts have left running stays.
   * Settles when its process has ended.
   */
  async close(): Promise<void> {
    const shell = this.#shell;
    this.#shell = undefined;
    if (shell?.alive && shell.busy) this.#source.discard(shell.child, shell.group);
    else shell?.child.stdin.end();
    await shell?.gone;
  }

  async #run(script: Script, { input, timeout, signal }: RunOptions): Promise<Output> {
    signal?.throwIfAborted();
    const shell = await this.#opened();
    signal?.throwIfAborted();
    const started = performance.now();
    const stop = Promise.withResolvers<never>();
    const onAbort = () => stop.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = timeout === undefined ? undefined : setTimeout(() => stop.reject(this.#source.timedOut(timeout)), timeout);
    try {
      const answer = await Promise.race([shell.ask(script, input), stop.promise]);
      return { ...answer, ms: performance.now() - started };
    } catch (error) {
      void this.close();
      if (!(error instanceof ShellEnded)) throw error;
      this.#lostOne = true;
      throw await this.#source.lost(error.message);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #opened(): Promise<Shell> {
    if (this.#shell?.alive) return this.#shell;
    if (this.#shell) this.#lostOne = true;
    this.#shell = new Shell(await this.#source.open(this.#lostOne));
    return this.#shell;
  }
}
