import { PassThrough, type Readable } from "node:stream";

/**
 * The bytes of a file that is read from afar. It ends only when its source did; a source that errs or just stops makes
 * it err, with what `translate` makes of the reason; and closing it closes the source.
 */
export function reading(source: Readable, translate: (error: Error) => Error): Readable {
  const bytes = new PassThrough({ highWaterMark: 64 * 1024 });
  const broken = (error: Error) => void (bytes.destroyed || bytes.destroy(translate(error)));
  let ended = false;
  source
    .once("end", () => {
      ended = true;
    })
    .on("error", broken)
    .once("close", () => ended || broken(new Error("it broke off in the middle")));
  bytes.on("error", () => undefined).once("close", () => source.destroy()); // whoever reads is told, also later
  source.pipe(bytes);
  return bytes;
}
