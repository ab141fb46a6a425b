import { createHash } from "node:crypto";
import type { StoredFile } from "../model/manifest.ts";

/** How much went by, and its digest. */
export interface Tally {
  readonly bytes: number;
  readonly sha256: string;
}

type Bytes = AsyncIterable<Uint8Array>;

/** Counts what goes through it; the result is there once all of it has. */
export class Counter {
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #result: Tally | undefined;

  readonly through = async function* (this: Counter, source: Bytes): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.#hash.update(chunk);
      this.#bytes += chunk.length;
      yield chunk;
    }
    this.#result = { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }.bind(this);

  get result(): Tally {
    if (!this.#result) throw new Error("not all of it has gone by");
    return this.#result;
  }
}

/** Lets bytes through, and ends only when they were the expected ones; otherwise it throws what `broken` makes of the reason. */
export function expecting(expected: Tally | Pick<StoredFile, "bytes" | "sha256">, broken: (reason: string) => Error) {
  return async function* (source: Bytes): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > expected.bytes) throw broken(`it has more than its ${expected.bytes} bytes`);
      hash.update(chunk);
      yield chunk;
    }
    if (bytes < expected.bytes) throw broken(`it has ${bytes} bytes of ${expected.bytes}`);
    if (hash.digest("hex") !== expected.sha256) throw broken("its sha256 is another one: bytes of it changed");
  };
}

/** Reads to the end. */
export async function drain(source: Bytes): Promise<void> {
  for await (const _ of source);
}
