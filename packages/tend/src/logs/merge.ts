/** One log line with its time. */
export interface Entry {
  readonly at: string;
  readonly source: string;
  readonly text: string;
}

interface Waiting {
  readonly key: string;
  readonly order: number;
  /** Milliseconds, by this machine's clock. */
  readonly arrived: number;
  readonly entry: Entry;
}

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) ?/;

/**
 * Puts lines of several sources into the order of their times. While following, a line is held back for `holdMs`,
 * since another source's earlier line may still be on its way; otherwise until every source has ended or gone further.
 */
export class Merge {
  readonly #hold: number;
  readonly #emit: (entry: Entry) => void;
  readonly #waiting: Waiting[] = [];
  readonly #open = new Map<object, string>();
  #order = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(holdMs: number, emit: (entry: Entry) => void) {
    this.#hold = holdMs;
    this.#emit = emit;
  }

  source() {
    const token = {};
    let last = "";
    this.#open.set(token, "");
    return {
      push: (source: string, line: string) => {
        const stamp = STAMP.exec(line);
        // A line without a time of its own belongs to the one before it.
        const at = stamp?.[1] ?? last;
        last = at;
        const key = sortable(at);
        this.#open.set(token, key);
        this.#waiting.push({
          key,
          order: this.#order++,
          arrived: Date.now(),
          entry: { at, source, text: stamp ? line.slice(stamp[0].length) : line },
        });
        this.#schedule();
      },
      end: () => {
        this.#open.delete(token);
        this.#schedule();
      },
    };
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#release(() => true);
  }

  #schedule(): void {
    if (this.#hold === Number.POSITIVE_INFINITY) {
      if (this.#waiting.length >= 1000) this.#releaseSettled();
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const before = Date.now() - this.#hold;
      this.#release((one) => one.arrived <= before);
      if (this.#waiting.length > 0) this.#schedule();
    }, this.#hold);
  }

  /** What is older than the newest line of every open source can't be overtaken any more. */
  #releaseSettled(): void {
    const reached = [...this.#open.values()].reduce((least, key) => (key < least ? key : least), "~");
    this.#release((one) => one.key < reached);
  }

  #release(ready: (one: Waiting) => boolean): void {
    this.#waiting.sort((one, other) => compare(one.key, other.key) || one.order - other.order);
    let count = 0;
    while (count < this.#waiting.length && ready(this.#waiting[count] as Waiting)) count += 1;
    for (const { entry } of this.#waiting.splice(0, count)) this.#emit(entry);
  }
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Fractions of a second have as many digits as their writer liked. */
function sortable(at: string): string {
  const [, seconds = at, fraction = ""] = /^([^.Z+]*)(?:\.(\d+))?/.exec(at) ?? [];
  return `${seconds}.${fraction.padEnd(9, "0")}`;
}
