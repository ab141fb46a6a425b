import type { Duplex, Readable, Writable } from "node:stream";
import type { HostName } from "../model/names.ts";
import type { Script } from "./argv.ts";
import type { Secret } from "./secret.ts";

/** What a command left behind. `exit` is what the shell calls `$?`: 128 + n for a death by signal n. */
export interface Output {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall time as seen from here, in milliseconds. */
  readonly ms: number;
}

export interface RunOptions {
  /** Text for the script's stdin; without it, stdin is empty. */
  readonly input?: string | Secret;
  /** Milliseconds after which tend stops waiting and throws `transport.timeout`. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** A running script with streams of its own. Closing it (or `signal`) ends what runs there, if it still listens. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the script has ended; rejects with `transport.lost` when the connection went first. */
  readonly done: Promise<{ readonly exit: number }>;
  close(): void;
}

export interface Counters {
  readonly connections: number;
  readonly roundTrips: number;
  readonly streams: number;
}

/**
 * How tend reaches one host. Three implementations pass one contract (test/contracts/transport.ts):
 * `ssh`, `local` and `recording`. They run POSIX sh, with the user's own environment, and know nothing of Docker.
 *
 * Failures: `host.unreachable` (no connection could be made), `transport.lost` (it broke; what ran may run on),
 * `transport.timeout`. A script that ends with a non-zero status is a result, not a failure.
 */
export interface Transport {
  readonly host: HostName;
  /** How it was reached, for people: the ssh alias, or "local". */
  readonly via: string;
  readonly counters: Counters;
  /** Runs a script to its end. One round trip; scripts of one transport run one after the other. */
  run(script: Script, options?: RunOptions): Promise<Output>;
  /** Runs a script beside the others; output arrives as it is written. Not a round trip. `tty` asks for a terminal. */
  stream(script: Script, options?: { readonly signal?: AbortSignal; readonly tty?: boolean }): Channel;
  /** Runs a script on the terminal that tend itself stands on, and answers its exit status. */
  attach(script: Script): Promise<number>;
  /** A TCP connection from the host to an address that it can reach. */
  connect(address: { readonly host: string; readonly port: number }): Promise<Duplex>;
  close(): Promise<void>;
}
