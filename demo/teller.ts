import { type Paint, paintFor } from "../packages/tend/src/render/paint.ts";

interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Tells the story, and keeps the score of what was verified. */
export class Teller {
  readonly paint: Paint;
  readonly #out: Screen;
  readonly #failed: string[] = [];
  #verified = 0;
  #chapter = 0;
  #spaced = true;

  constructor(out: Screen) {
    this.#out = out;
    this.paint = paintFor(out);
  }

  get anyFailed(): boolean {
    return this.#failed.length > 0;
  }

  title(text: string): void {
    this.line(`\n${this.paint("bold", text)}\n`);
  }

  chapter(text: string): void {
    this.#chapter += 1;
    const head = `── ${this.#chapter}  ${text} `;
    this.line(`\n${this.paint("bold", head.padEnd(100, "─"))}\n`);
  }

  /** With air around it. */
  text(text: string): void {
    if (!this.#spaced) this.line("");
    this.line(`${text}\n`);
  }

  quote(text: string): void {
    for (const line of text.trimEnd().split("\n")) this.line(line === "" ? "" : `    ${this.paint("dim", line)}`);
  }

  command(words: readonly string[]): void {
    if (!this.#spaced) this.line("");
    this.line(`${this.paint("cyan", "$")} ${this.paint("bold", words.join(" "))}`);
  }

  /** What was checked from outside; `seen` is shown when it isn't so. */
  verify(claim: string, holds: boolean, seen = ""): void {
    this.#verified += 1;
    if (!holds) this.#failed.push(claim);
    const mark = holds ? this.paint("green", "verified") : this.paint("red", "NOT SO  ");
    this.line(`${mark}  ${claim}${holds || seen === "" ? "" : ` – it says ${seen.slice(0, 200)}`}`);
  }

  trouble(error: unknown): void {
    this.#failed.push("the demo itself");
    this.line(
      `\n${this.paint("red", "the demo failed:")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }

  score(): void {
    const total = this.#verified;
    if (this.#failed.length === 0)
      this.line(this.paint("green", `${total === 1 ? "The one claim was" : `All ${total} claims were`} verified from outside.`));
    else this.line(this.paint("red", `${this.#failed.length} of ${total} claims were not so: ${this.#failed.join("; ")}`));
  }

  line(text: string): void {
    this.#spaced = text === "" || text.endsWith("\n");
    this.#out.write(`${text}\n`);
  }
}
