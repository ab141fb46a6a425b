import type { Problem } from "./problem.ts";

/** Offsets into the text, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The text of a declaration, and where its lines begin. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  readonly #starts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text.startsWith("\uFEFF") ? text.slice(1) : text;
    this.#starts = lineStarts(this.text);
  }

  lineOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  problem(span: Span, title: string, hint?: string): Problem {
    const offset = Math.max(0, Math.min(span.start, this.text.length));
    const line = this.lineOf(offset);
    const start = this.#starts[line - 1] ?? 0;
    const end = (this.#starts[line] ?? this.text.length + 1) - 1;
    const source = this.text.slice(start, this.text[end - 1] === "\r" && end > start ? end - 1 : end);
    const column = Math.min(offset - start, source.length) + 1;
    const length = Math.max(1, Math.min(span.end, start + source.length) - offset);
    return { file: this.file, line, column, length, title, hint, source };
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
