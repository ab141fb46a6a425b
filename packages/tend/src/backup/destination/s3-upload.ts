import type { S3Client } from "./s3-client.ts";
import { element, elements, escaped } from "./s3-xml.ts";

/** All of one size, as some implementations want it; S3 takes 10,000 of them: 156 GiB. */
const PART_BYTES = 16 * 1024 * 1024;
const MOST_PARTS = 10_000;
/**
 * Uploads what comes, of any length, with two parts in memory: one that fills, one on its way. What fits in one part is
 * put at once, when its end has come; the rest is an upload that is no object until it is completed, and is aborted on
 * any error.
 */
export async function upload(client: S3Client, key: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  let multipart: Multipart | undefined;
  try {
    for await (const { part, last } of parts(bytes)) {
      if (last && !multipart) {
        await client.ask({ method: "PUT", key, body: part });
        return;
      }
      multipart ??= await Multipart.begin(client, key);
      await multipart.add(part);
    }
    await multipart?.complete();
  } catch (error) {
    await multipart?.abort();
    throw error;
  }
}

/** Ends what an earlier upload has left. */
export async function abortUpload(client: S3Client, key: string, uploadId: string): Promise<void> {
  await client.ask({ method: "DELETE", key, query: { uploadId }, also: [404] });
}

class Multipart {
  readonly #client: S3Client;
  readonly #key: string;
  readonly #id: string;
  readonly #tags: string[] = [];
  readonly #stop = new AbortController();
  #sending: Promise<void> = Promise.resolve();
  #count = 0;

  private constructor(client: S3Client, key: string, id: string) {
    this.#client = client;
    this.#key = key;
    this.#id = id;
  }

  static async begin(client: S3Client, key: string): Promise<Multipart> {
    const { text } = await client.ask({ method: "POST", key, query: { uploads: "" } });
    const id = element(text, "UploadId");
    if (!id) throw new Error("the answer to a new upload has no UploadId");
    return new Multipart(client, key, id);
  }

  /** Returns when the part before it has been taken: its memory is free then. */
  async add(part: Uint8Array): Promise<void> {
    await this.#sending;
    this.#count += 1;
    if (this.#count > MOST_PARTS) throw new Error(`it is larger than ${(PART_BYTES * MOST_PARTS) / 2 ** 30} GiB`);
    this.#sending = this.#send(this.#count, part);
    this.#sending.catch(() => undefined); // whoever waits for it next is told
  }

  async complete(): Promise<void> {
    await this.#sending;
    const list = this.#tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${escaped(tag)}</ETag></Part>`);
    const body = Buffer.from(`<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`);
    const query = { uploadId: this.#id };
    const { status, text } = await this.#client.ask({ method: "POST", key: this.#key, query, body, also: [404] });
    // The answer to a first try may have been lost: then the upload is gone, and the object is there.
    if (status === 404 && (await this.#exists())) return;
    // It answers 200 before it knows.
    const code = status === 404 ? "NoSuchUpload" : element(text, "Code");
    if (code) throw new Error(`the upload was not completed: ${code} ${element(text, "Message") ?? ""}`.trim());
  }

  async #exists(): Promise<boolean> {
    const { text } = await this.#client.ask({ method: "GET", key: "", query: { "list-type": "2", prefix: this.#key } });
    return elements(text, "Contents").some((entry) => element(entry, "Key") === this.#key);
  }

  async abort(): Promise<void> {
    this.#stop.abort();
    await this.#sending.catch(() => undefined);
    await abortUpload(this.#client, this.#key, this.#id).catch(() => undefined); // the next sweep finds it
  }

  async #send(number: number, body: Uint8Array): Promise<void> {
    const query = { partNumber: String(number), uploadId: this.#id };
    const { headers } = await this.#client.ask({ method: "PUT", key: this.#key, query, body, signal: this.#stop.signal });
    const tag = headers["etag"];
    if (!tag) throw new Error(`the answer to part ${number} has no ETag`);
    this.#tags[number - 1] = tag;
  }
}

/**
 * Cuts a stream into parts; the last one is told, and is the only one that may be shorter, or empty. They lie in two
 * places by turns: a part is overwritten when the one after it has been taken.
 */
async function* parts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<{ readonly part: Uint8Array; readonly last: boolean }> {
  const places: (Buffer | undefined)[] = [undefined, undefined];
  let turn = 0;
  let filled = 0;
  const place = () => {
    places[turn] ??= Buffer.allocUnsafeSlow(PART_BYTES);
    return places[turn] as Buffer;
  };
  for await (const chunk of bytes) {
    for (let rest = chunk; rest.length > 0; ) {
      if (filled === PART_BYTES) {
        yield { part: place(), last: false };
        turn = 1 - turn;
        filled = 0;
      }
      const some = rest.subarray(0, PART_BYTES - filled);
      place().set(some, filled);
      filled += some.length;
      rest = rest.subarray(some.length);
    }
  }
  yield { part: place().subarray(0, filled), last: true };
}
