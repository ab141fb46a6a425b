/** Long enough for `mark`, three digits and a newline to be found when two chunks share them. */
const STATUS = 4;

/** Collects what one stream says after `mark` and before `mark STATUS\n`, whatever bytes that may be. */
export class Frame {
  readonly #mark: Buffer;
  readonly #kept: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #begun = false;
  #exit: number | undefined;

  constructor(mark: string) {
    this.#mark = Buffer.from(mark);
  }

  /** The exit status that ended the frame; undefined while it is open. */
  get exit(): number | undefined {
    return this.#exit;
  }

  /** A host's bytes that aren't UTF-8 come out as U+FFFD. */
  get text(): string {
    return Buffer.concat(this.#kept).toString("utf8");
  }

  /** What there is of a frame that never ended. */
  get unfinished(): string {
    return Buffer.concat([...this.#kept, this.#rest]).toString("utf8");
  }

  push(chunk: Buffer): void {
    if (this.#exit !== undefined) return;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#begun || this.#begin()) this.#collect();
  }

  /** Drops what came before: a login banner, or the late output of an earlier script's background process. */
  #begin(): boolean {
    const start = this.#rest.indexOf(this.#mark);
    this.#begun = start >= 0;
    this.#rest = this.#begun ? this.#rest.subarray(start + this.#mark.length) : this.#rest.subarray(-this.#mark.length);
    return this.#begun;
  }

  #collect(): void {
    const end = this.#rest.indexOf(this.#mark);
    const settled = end >= 0 ? end : Math.max(0, this.#rest.length - this.#mark.length - STATUS);
    if (settled > 0) this.#kept.push(this.#rest.subarray(0, settled));
    this.#rest = this.#rest.subarray(settled);
    const newline = end >= 0 ? this.#rest.indexOf("\n", this.#mark.length) : -1;
    if (newline >= 0) this.#exit = Number(this.#rest.subarray(this.#mark.length, newline).toString());
  }
}
