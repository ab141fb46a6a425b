/** What can go wrong where something passes: an error, a bit, a loss that nobody tells of, or Ctrl-C. */
export type Fault = "error" | "raw" | "abort" | "flip" | "drop" | "cut";

export const TOLD: readonly Fault[] = ["error", "raw", "abort"];
export const ANY: readonly Fault[] = [...TOLD, "flip", "drop", "cut"];

/** Counts the points that a run passes, and makes one of them go wrong. */
export class Faults {
  readonly stop = new AbortController();
  readonly #at: number;
  readonly #fault: Fault | undefined;
  readonly #error: () => Error;
  /** What each point that was passed could suffer. */
  readonly points: (readonly Fault[])[] = [];

  constructor(at = -1, fault?: Fault, error: () => Error = () => new Error("EIO: i/o error")) {
    this.#at = at;
    this.#fault = fault;
    this.#error = error;
  }

  /** Passes a point; answers what is to be done to what passes it. */
  async pass(can: readonly Fault[] = TOLD): Promise<Fault | undefined> {
    const due = this.points.push(can) - 1 === this.#at ? this.#fault : undefined;
    if (due === "error") throw this.#error();
    if (due === "raw") throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    if (due === "abort") this.stop.abort();
    return due;
  }

  /** Lets bytes through, each chunk a point. */
  readonly through = async function* (this: Faults, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      const due = await this.pass(ANY);
      if (due === "cut") return;
      if (due === "drop") continue;
      yield due === "flip" ? chunk.with(chunk.length >> 1, (chunk[chunk.length >> 1] ?? 0) ^ 4) : chunk;
    }
    await this.pass();
  }.bind(this);
}
