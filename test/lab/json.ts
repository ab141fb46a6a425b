/** The lines of a `--json` run, by their type. */
export interface Line {
  readonly v: 1;
  readonly type: string;
  readonly [key: string]: unknown;
}

export function jsonLines(text: string): readonly Line[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}
