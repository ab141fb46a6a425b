import type { Readable } from "node:stream";

/** What a script that makes a backup says beside it: notes for people, then, after the mark, about.jsonl. */
export interface Report {
  readonly notes: string;
  /** Undefined when the mark didn't come. */
  readonly about: Buffer | undefined;
  /** What came after the mark and is none of it: what a script says that fails late. */
  readonly rest: string;
}

const MOST_BYTES = 64 * 1024 * 1024;

/** Reads stderr to its end. */
export async function report(stderr: Readable, mark: string): Promise<Report> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stderr as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error(`its description is larger than ${MOST_BYTES / 2 ** 20} MiB`);
    chunks.push(chunk);
  }
  return split(Buffer.concat(chunks), mark);
}

function split(said: Buffer, mark: string): Report {
  const line = Buffer.from(`${mark}\n`);
  for (let at = said.indexOf(line); at >= 0; at = said.indexOf(line, at + 1)) {
    if (at === 0 || said[at - 1] === 0x0a) {
      const about = said.subarray(at + line.length);
      return { notes: said.subarray(0, at).toString("utf8").trimEnd(), about, rest: noJson(about.toString("utf8")) };
    }
  }
  return { notes: said.toString("utf8").trimEnd(), about: undefined, rest: "" };
}

function noJson(text: string): string {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("{"));
  return lines.map((line) => `\n${line}`).join("");
}
