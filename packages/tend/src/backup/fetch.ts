import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FetchAction } from "../plan/plan.ts";
import type { Channel, Transport } from "../transport/transport.ts";
import type { OpenStore } from "./destination/index.ts";
import { isSealed, wholeFile } from "./open-file.ts";
import type { Outcome } from "./outcome.ts";
import { needsIdentity } from "./seal.ts";

const SAID_BYTES = 64 * 1024;

/**
 * Streams a file of a backup into a script on the host. The script sees an end of its input only after everything was
 * found to be as it was written; otherwise it is ended, so that it can't take a part for the whole.
 */
export async function fetchInto(
  { from, app, backup, file, stored, identity, into }: FetchAction,
  transport: Transport,
  signal: AbortSignal | undefined,
  open: OpenStore,
): Promise<Outcome> {
  if (isSealed(file) && identity === undefined) throw needsIdentity(backup);
  const store = await open(from, transport);
  let channel: Channel | undefined;
  try {
    const whole = await wholeFile({ backup, where: store.text, file, stored }, identity);
    const source = await store.read(app, backup, file);
    channel = transport.stream(into, { signal });
    const said = lastSaid(channel);
    const exit = await fed(channel, source, whole, signal);
    return { ok: exit === 0, text: said() || (exit === 0 ? "" : `the script ended with status ${exit}`) };
  } finally {
    channel?.close();
    await channel?.done.catch(() => undefined);
    await store.close();
  }
}

type Bytes = AsyncIterable<Uint8Array>;

/** Until the script has ended. One that fails early isn't fed to the end. */
async function fed(
  channel: Channel,
  source: Readable,
  whole: (source: Bytes) => AsyncGenerator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const failed = new AbortController();
  const ended = channel.done.then(({ exit }) => {
    if (exit !== 0) failed.abort();
    return exit;
  });
  ended.catch(() => failed.abort());
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  let broken: { readonly error: unknown } | undefined;
  const checked = async function* (bytes: Bytes) {
    try {
      yield* whole(bytes);
    } catch (error) {
      if (!stop.aborted) broken = { error };
      throw error;
    }
  };
  try {
    await pipeline(source, checked, channel.stdin, { signal: stop });
  } catch (error) {
    if (broken) throw broken.error;
    if (!failed.signal.aborted) throw error;
  }
  const exit = await ended;
  signal?.throwIfAborted();
  return exit;
}

/** The last of what a script prints, on both streams. */
function lastSaid(channel: Channel): () => string {
  let said = Buffer.alloc(0);
  for (const stream of [channel.stdout, channel.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]).subarray(-SAID_BYTES);
    });
  }
  return () => said.toString("utf8");
}
