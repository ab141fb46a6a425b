import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

export interface LogOptions {
  readonly follow: boolean;
  /** RFC 3339, or a duration such as 15m. */
  readonly since?: string;
  readonly tail?: number;
}

const POLL_MS = 150;

/** A service's log, the part that was set aside first; each line starts with its time. */
export async function printLog(path: string, { follow, since, tail }: LogOptions): Promise<number> {
  // Whoever read it went away.
  process.stdout.on("error", () => process.exit(0));
  const from = since === undefined ? "" : fromTime(since);
  // What is added while the past is read is told by following from here.
  const file = open(path);
  const size = file === undefined ? 0 : fstatSync(file).size;
  const kept: string[] = [];
  for (const [part, end] of [
    [`${path}.1`, undefined],
    [path, size],
  ] as const) {
    for await (const line of lines(part, end)) {
      if (line < from) continue;
      if (tail === undefined) process.stdout.write(`${line}\n`);
      else if (kept.push(line) > tail) kept.shift();
    }
  }
  if (kept.length > 0) process.stdout.write(`${kept.join("\n")}\n`);
  if (follow) await followFrom(path, file, size);
  else if (file !== undefined) closeSync(file);
  return 0;
}

async function* lines(path: string, end: number | undefined): AsyncGenerator<string> {
  const file = open(path);
  if (file === undefined || end === 0) return;
  const stream = createReadStream("", { fd: file, encoding: "utf8", ...(end === undefined ? {} : { end: end - 1 }) });
  yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
}

/** Prints what is added, until nobody reads it any more; a log that is set aside is read to its end first. */
async function followFrom(path: string, opened: number | undefined, size: number): Promise<never> {
  const chunk = Buffer.alloc(64 * 1024);
  let file = opened;
  let at = size;
  while (true) {
    file ??= open(path);
    const read = file === undefined ? 0 : readSync(file, chunk, 0, chunk.length, at);
    at += read;
    if (read > 0) {
      if (!process.stdout.write(Buffer.from(chunk.subarray(0, read))))
        await new Promise((resolve) => process.stdout.once("drain", resolve));
      continue;
    }
    const next = file === undefined ? undefined : open(path);
    if (file !== undefined && next !== undefined) {
      if (fstatSync(next).ino === fstatSync(file).ino) closeSync(next);
      else {
        closeSync(file);
        [file, at] = [next, 0];
        continue;
      }
    }
    await delay(POLL_MS);
  }
}

function open(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}

/** Times in the log are all of one form, so that text compares as time does. */
function fromTime(text: string): string {
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
  if (/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) {
    let total = 0;
    for (const [, amount, of] of text.matchAll(/([\d.]+)(ms|[smhd])/g)) total += Number(amount) * unit[of as keyof typeof unit];
    return new Date(Date.now() - total).toISOString();
  }
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new Error(`--since ${text}: expected a time, or a duration such as 15m`);
  return new Date(time).toISOString();
}
