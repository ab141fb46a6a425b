/** One figure of a benchmark: what tend takes over what it is compared with, measured side by side. */
export interface Figure {
  readonly what: string;
  readonly tend: string;
  readonly compared: string;
  readonly ratio?: number;
  readonly aim?: string;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** What is timed, and what belongs to it without being timed. */
export type Contender =
  | (() => Promise<unknown>)
  | { before?(): Promise<unknown>; work(): Promise<unknown>; after?(): Promise<unknown> };

async function turnOf(contender: Contender): Promise<number> {
  if (typeof contender === "function") return timed(contender);
  await contender.before?.();
  const ms = await timed(() => contender.work());
  await contender.after?.();
  return ms;
}

/** Both, turn by turn, so that whatever else the machine does meets both alike; medians in milliseconds. */
export async function sideBySide(
  times: number,
  tend: Contender,
  compared: Contender,
): Promise<{ readonly tend: number; readonly compared: number; readonly ratio: number }> {
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < times; turn += 1) {
    mine.push(await turnOf(tend));
    theirs.push(await turnOf(compared));
  }
  return { tend: median(mine), compared: median(theirs), ratio: median(mine) / median(theirs) };
}

export function milliseconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** A Markdown table: the same text for the terminal and for docs/benchmarks.md. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    figure.tend,
    figure.compared,
    figure.ratio?.toFixed(2) ?? "",
    figure.aim ?? "",
  ]);
  const head = ["what", "tend", "compared with", "ratio", "aim"];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => [...(row[column] ?? "")].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line)].join("\n");
}
