import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

/**
 * The payload of an age file: STREAM with ChaCha20-Poly1305, in chunks of 64 KiB whose number and place at the end are
 * part of their nonce. Node's own cipher is several times as fast as one in JavaScript; the headers, where the keys are,
 * are left to the age library. https://github.com/C2SP/C2SP/blob/main/age.md#payload
 */

type Bytes = AsyncIterable<Uint8Array>;

export const NONCE_BYTES = 16;
const CHUNK_BYTES = 64 * 1024;
export const TAG_BYTES = 16;

export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", fileKey, nonce, "payload", 32));
}

export async function* sealChunks(key: Uint8Array, source: Bytes): AsyncGenerator<Buffer> {
  const nonce = new ChunkNonce();
  for await (const { chunk, last } of chunks(source, CHUNK_BYTES)) {
    const cipher = createCipheriv("chacha20-poly1305", key, nonce.next(last), { authTagLength: TAG_BYTES });
    yield cipher.update(chunk);
    cipher.final();
    yield cipher.getAuthTag();
  }
}

/** Throws at the first chunk that isn't as it was sealed; at the end, if that isn't the end. */
export async function* openChunks(key: Uint8Array, source: Bytes): AsyncGenerator<Buffer> {
  const nonce = new ChunkNonce();
  let first = true;
  for await (const { chunk, last } of chunks(source, CHUNK_BYTES + TAG_BYTES)) {
    const length = chunk.length - TAG_BYTES;
    if (length < 0 || (length === 0 && !first)) throw new Error("its end is missing");
    const decipher = createDecipheriv("chacha20-poly1305", key, nonce.next(last), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(chunk.subarray(length));
    const clear = decipher.update(chunk.subarray(0, length));
    decipher.final();
    first = false;
    if (length > 0) yield clear;
  }
}

/** Eleven bytes that count, and one that says whether it is the last. */
class ChunkNonce {
  #count = 0;

  next(last: boolean): Buffer {
    const nonce = Buffer.alloc(12);
    nonce.writeUIntBE(this.#count, 5, 6);
    nonce[11] = last ? 1 : 0;
    this.#count += 1;
    return nonce;
  }
}

/** Cuts bytes into pieces of one length. The last may be shorter; it is empty only when there is nothing at all. */
async function* chunks(source: Bytes, length: number): AsyncGenerator<{ readonly chunk: Buffer; readonly last: boolean }> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  for await (const bytes of source) {
    for (let rest = bytes; rest.length > 0; ) {
      if (filled === length) {
        yield { chunk: buffer, last: false };
        filled = 0;
      }
      const some = rest.subarray(0, length - filled);
      buffer.set(some, filled);
      filled += some.length;
      rest = rest.subarray(some.length);
    }
  }
  yield { chunk: buffer.subarray(0, filled), last: true };
}
