import type { Difference } from "./compare.ts";
import { summary } from "./summary.ts";

export interface ShowOptions {
  /** What the sides are called: `dev` and `prod`, `the backup` and `the database`. */
  readonly left: string;
  readonly right: string;
  /** Lines at most; the last one says how many more there are. */
  readonly most?: number;
}

/** A line for each difference, for people. */
export function differenceLines(differences: readonly Difference[], { left, right, most = 40 }: ShowOptions): readonly string[] {
  const heads = { missing: `missing in ${right}`, extra: `missing in ${left}`, differs: "differs" };
  const width = Math.max(0, ...differences.map(({ change }) => heads[change].length));
  const shown = differences.length > most ? differences.slice(0, Math.max(most - 1, 0)) : differences;
  const lines = shown.map((difference) => `${heads[difference.change].padEnd(width)}  ${told(difference)}`);
  const more = differences.length - shown.length;
  return more > 0 ? [...lines, `… and ${more} more`] : lines;
}

function told({ kind, identity, table, left, right, details }: Difference): string {
  const place = kind === "index" && table !== undefined ? ` on ${table}` : "";
  const what = details?.join("; ") ?? summary(kind, left ?? right ?? {});
  return printable(`${kind} ${identity}${place}${details ? `: ${what}` : what && ` (${what})`}`);
}

/** Names and definitions are whatever somebody wrote: nothing in them may move a terminal's cursor. */
function printable(text: string): string {
  return text.replace(/\s+/g, " ").replace(/\p{Cc}/gu, "�");
}
