import { PassThrough, Readable } from "node:stream";
import type { HostName } from "../../packages/tend/src/model/names.ts";
import type { Script } from "../../packages/tend/src/transport/argv.ts";
import { lost } from "../../packages/tend/src/transport/failures.ts";
import type { Channel, Output, Transport } from "../../packages/tend/src/transport/transport.ts";

/** How a script that makes a backup comes to its end. */
export type Ending = "well" | "badly" | "killed" | "lost" | "unmarked" | "half described";

export interface FakeBackup {
  readonly payload: Buffer;
  /** After how many bytes of it the script ends. */
  readonly until: number;
  readonly ending: Ending;
  readonly mark: string;
  readonly about: string;
}

const HOST = "hemma" as HostName;

/** A host whose scripts are played: `produce` makes the backup, any other reads its stdin. */
export class FakeHost implements Transport {
  readonly host = HOST;
  readonly via = "memory";
  readonly counters = { connections: 0, roundTrips: 0, streams: 0 };
  /** What scripts have read to an end that they took for the end. */
  readonly received: Buffer[] = [];
  readonly #backup: FakeBackup;

  constructor(backup: FakeBackup) {
    this.#backup = backup;
  }

  async run(): Promise<Output> {
    return { exit: 0, stdout: "", stderr: "", ms: 0 };
  }

  stream(script: Script, { signal }: { readonly signal?: AbortSignal } = {}): Channel {
    return script.text === "produce" ? this.#produce(signal) : this.#receive(signal);
  }

  async attach(): Promise<number> {
    throw new Error("nothing to attach to");
  }

  async connect(): Promise<never> {
    throw new Error("nothing to connect to");
  }

  async close(): Promise<void> {
    // nothing is open
  }

  #produce(signal: AbortSignal | undefined): Channel {
    const { payload, until, ending, mark, about } = this.#backup;
    const described = ending === "half described" ? about.slice(0, -5) : about;
    const said = ending === "unmarked" ? "a note\n" : `a note\n${mark}\n${described}`;
    const stdout = Readable.from(chunked(payload.subarray(0, until)), { objectMode: false });
    const stderr = Readable.from(until === payload.length ? [Buffer.from(said)] : [], { objectMode: false });
    const closing = new AbortController();
    if (signal?.aborted) closing.abort();
    signal?.addEventListener("abort", () => closing.abort());
    const closed = new Promise<{ exit: number }>((resolve) => {
      closing.signal.addEventListener("abort", () => resolve({ exit: 143 }));
      if (closing.signal.aborted) resolve({ exit: 143 });
    });
    const over = new Promise<{ exit: number }>((resolve, reject) => {
      stdout.once("end", () => {
        if (ending === "lost") reject(lost(HOST, "Connection reset by peer"));
        else resolve({ exit: { badly: 1, killed: 137 }[ending as string] ?? 0 });
      });
    });
    const done = Promise.race([over, closed]);
    done.catch(() => undefined);
    return { stdin: new PassThrough().resume(), stdout, stderr, done, close: () => closing.abort() };
  }

  #receive(signal: AbortSignal | undefined): Channel {
    const stdin = new PassThrough();
    const chunks: Buffer[] = [];
    stdin.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => undefined);
    const done = new Promise<{ exit: number }>((resolve) => {
      const close = () => resolve({ exit: 143 });
      signal?.addEventListener("abort", close);
      stdin.once("end", () => {
        this.received.push(Buffer.concat(chunks));
        resolve({ exit: 0 });
      });
      stdin.once("close", () => setImmediate(close));
    });
    const silent = () => Readable.from([]);
    return { stdin, stdout: silent(), stderr: silent(), done, close: () => stdin.destroy() };
  }
}

async function* chunked(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1024) yield bytes.subarray(at, at + 1024);
}
