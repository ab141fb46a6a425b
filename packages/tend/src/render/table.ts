/** Left-aligned columns, two blanks apart; the last one is as long as it is. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ""))));
  return all.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - width(cell))))
      .join("  ")
      .trimEnd(),
  );
}

function width(text: string): number {
  return [...text].length;
}
