import { Script, sh } from "../transport/argv.ts";

/** What only the host knows when it writes a line: a piece of a printf format, and the words that fill it. */
export type Filled = readonly [format: string, ...values: readonly Script[]];

/**
 * A line that the host adds to an app's journal in the middle of a run. What is known when the plan is made stands in
 * the format of one printf; `at` is the host's own time, and the rest is read when the line is written.
 */
export function journalLine(
  folder: string,
  event: { readonly type: string; readonly run: string },
  filled: readonly Filled[] = [],
): Script {
  const known = inFormat(JSON.stringify({ v: 1, ...event }).slice(0, -1));
  const format = `${known},"at":"%s"${filled.map(([text]) => text).join("")}}\\n`;
  const values = filled.flatMap(([, ...words]) => words);
  return sh`printf ${format} ${Script.join([sh`"$(date -u +%Y-%m-%dT%H:%M:%SZ)"`, ...values], " ")} >>${folder}/journal.jsonl`;
}

/** Text that stands in a printf format and means itself. */
function inFormat(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("%", "%%");
}
