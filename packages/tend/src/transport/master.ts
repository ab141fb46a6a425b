import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { end, ended, hasEnded, Tail } from "./child.ts";
import type { Refusal } from "./failures.ts";
import { clientOptions, masterOptions } from "./ssh-options.ts";

/** Why no connection came about. */
export class Refused extends Error implements Refusal {
  readonly alias: string;
  readonly said: string;

  constructor(alias: string, said: string) {
    super(said);
    this.alias = alias;
    this.said = said;
  }
}

/**
 * The master's own session. It says when the connection stands; ends process groups, one per line of its stdin, as sshd
 * doesn't when a session is closed; and ends with its stdin: so with tend, however that ends.
 */
const GREETING = "tend-is-connected";
const LEASE = `exec sh -c 'echo ${GREETING}; while read -r group; do kill -TERM "-$group"; done'`;

/** ssh asks for passwords on tend's terminal; Ctrl-C there is tend's to handle, and must not break the connection. */
const SHIELDED = ["-c", `trap '' HUP INT QUIT; exec "$@"`, "sh", "ssh"];

/** How long authentication may take once the connection stands and nobody is there to type. */
const AUTHENTICATION_MS = 20_000;

/** How long a connection may take to end by itself: a dead one doesn't. */
const FAREWELL_MS = 1000;

/** The one real connection to a host: an OpenSSH master; all else is multiplexed over it. */
export class Master {
  readonly alias: string;
  /** Settles when the connection is gone. */
  readonly gone: Promise<void>;
  readonly #socket: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #said = new Tail();

  /** Connects; throws `Refused`. */
  static async open(alias: string, socket: string): Promise<Master> {
    const interactive = process.stdin.isTTY === true;
    const options = await masterOptions(alias, socket, interactive);
    const child = spawn("sh", [...SHIELDED, ...options.arguments, LEASE], { detached: !interactive });
    const master = new Master(alias, socket, child);
    await master.#greeted(interactive ? undefined : options.patience * 1000 + AUTHENTICATION_MS);
    return master;
  }

  private constructor(alias: string, socket: string, child: ChildProcessWithoutNullStreams) {
    this.alias = alias;
    this.#socket = socket;
    this.#process = child;
    child.stdin.on("error", () => undefined); // `gone` tells
    child.stderr.on("data", (chunk: Buffer) => this.#said.push(chunk));
    this.gone = ended(child).then(() => undefined);
  }

  /** What ssh said last of this connection. */
  get said(): string {
    return this.#said.text.trim();
  }

  get ended(): boolean {
    return hasEnded(this.#process);
  }

  /** A `ssh` that runs over this connection or not at all; in a session of its own, out of Ctrl-C's reach. */
  client(options: readonly string[], command?: string): ChildProcessWithoutNullStreams {
    return spawn("ssh", this.#arguments(options, command), { detached: true });
  }

  /** The same on tend's own terminal. */
  attached(options: readonly string[], command: string): ChildProcess {
    return spawn("ssh", this.#arguments(options, command), { stdio: "inherit" });
  }

  /** Asks the master itself: one that has lost its connection answers no more. */
  async answers(): Promise<boolean> {
    return !this.ended && (await ended(this.client(["-O", "check"]))) === 0;
  }

  /** Ends a process group on the host. */
  endGroup(group: number): void {
    this.#process.stdin.write(`${group}\n`);
  }

  /** Settles when the connection is gone, and its process and socket with it. What was asked of it is done first. */
  async end(): Promise<void> {
    this.#process.stdin.end();
    await Promise.race([this.gone, delay(FAREWELL_MS, undefined, { ref: false })]);
    await end(this.#process);
    await this.gone;
  }

  #arguments(options: readonly string[], command?: string): string[] {
    const own = clientOptions(this.alias, this.#socket, options);
    return command === undefined ? own : [...own, command];
  }

  async #greeted(patience: number | undefined): Promise<void> {
    const heard = new Tail();
    const greeted = new Promise<true>((resolve) => {
      this.#process.stdout.on("data", (chunk: Buffer) => {
        heard.push(chunk);
        if (heard.text.includes(GREETING)) resolve(true);
      });
    });
    const late = patience === undefined ? [] : [delay(patience, false, { ref: false })];
    const outcome = await Promise.race([greeted, this.gone.then(() => undefined), ...late]);
    if (outcome) return;
    await this.end();
    const silence = outcome === false ? "no answer to the login" : "ssh ended without a word";
    throw new Refused(this.alias, this.said || heard.text.trim() || silence); // nologin speaks on stdout
  }
}
