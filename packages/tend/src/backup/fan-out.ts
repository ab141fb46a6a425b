import { PassThrough, type Readable } from "node:stream";

/** Takes a stream to its end, or rejects. */
export type Sink = (bytes: Readable) => Promise<void>;

const AHEAD_BYTES = 256 * 1024;

/**
 * Gives every sink the same bytes, as fast as the slowest takes them. When one fails, all are broken off: none of them
 * sees an end that isn't the source's own. `stop` is called then, to end a source that has nothing to say for a while.
 */
export async function fanOut(source: AsyncIterable<Uint8Array>, sinks: readonly Sink[], stop: () => void): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  const branches: PassThrough[] = [];
  const breakOff = (error: unknown) => {
    if (failure) return;
    failure = { error };
    for (const branch of branches) branch.destroy(error instanceof Error ? error : new Error(String(error)));
    stop();
  };
  branches.push(...sinks.map(() => new PassThrough({ highWaterMark: AHEAD_BYTES })));
  for (const branch of branches) branch.on("error", () => undefined); // `breakOff` has told
  const taken = branches.map(async (branch, at) => {
    try {
      await sinks[at]?.(branch);
      if (!branch.writableEnded) throw new Error("a destination stopped before the end");
    } catch (error) {
      breakOff(error);
    }
  });
  try {
    for await (const chunk of source) {
      await Promise.all(branches.map((branch) => given(branch, chunk)));
      if (failure) break;
    }
    for (const branch of branches) branch.end();
  } catch (error) {
    breakOff(error);
  }
  await Promise.all(taken);
  if (failure) throw failure.error;
}

async function given(branch: PassThrough, chunk: Uint8Array): Promise<void> {
  if (branch.destroyed || branch.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      branch.off("drain", go).off("close", go);
      resolve();
    };
    branch.once("drain", go).once("close", go);
  });
}
