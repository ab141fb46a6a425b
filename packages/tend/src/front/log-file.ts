import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A log that has grown to this is set aside once; with its successor it is what `logs` can look back on. */
const FULL = 32 * 1024 * 1024;
const NEWLINE = 10;
/** A line that is longer is cut, so that an endless one can't fill the memory. */
const LONGEST = 64 * 1024;

/** What former and present processes of a service print, line by line with the time; each keeper appends by itself. */
export class LogFile {
  readonly #path: string;
  #file: number;
  #written = 0;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#path = path;
    this.#file = openSync(path, "a", 0o600);
  }

  /** A stream's own way in: it is cut into lines. */
  stream(): { write(chunk: Buffer): void; end(): void } {
    let rest: Buffer = Buffer.alloc(0);
    return {
      write: (chunk) => {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        const last = rest.length > LONGEST ? rest.length - 1 : rest.lastIndexOf(NEWLINE);
        if (last < 0) return;
        this.#append(rest.subarray(0, last + 1));
        rest = Buffer.from(rest.subarray(last + 1));
      },
      end: () => {
        if (rest.length > 0) this.#append(rest);
        rest = Buffer.alloc(0);
      },
    };
  }

  #append(lines: Buffer): void {
    const stamp = Buffer.from(`${new Date().toISOString()} `);
    const parts: Buffer[] = [];
    for (let from = 0; from < lines.length; ) {
      const at = lines.indexOf(NEWLINE, from);
      const to = at < 0 ? lines.length : at;
      parts.push(stamp, lines.subarray(from, to), Buffer.from("\n"));
      from = to + 1;
    }
    const text = Buffer.concat(parts);
    // One write a piece: another keeper's lines can stand between, but not in them.
    writeSync(this.#file, text);
    this.#written += text.length;
    if (this.#written > FULL / 16) this.#makeRoom();
  }

  #makeRoom(): void {
    this.#written = 0;
    if (fstatSync(this.#file).size < FULL) return;
    // Another keeper may have set it aside already.
    if (fstatSync(this.#file).ino === statSync(this.#path, { throwIfNoEntry: false })?.ino)
      renameSync(this.#path, `${this.#path}.1`);
    const before = this.#file;
    this.#file = openSync(this.#path, "a", 0o600);
    closeSync(before);
  }
}
