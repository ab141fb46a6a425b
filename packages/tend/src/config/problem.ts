/** One mistake in a declaration, with the line that it stands in. */
export interface Problem {
  /** As a person would name the file from where they are. */
  readonly file: string;
  /** Both count from 1; the column in UTF-16 units, as editors do. */
  readonly line: number;
  readonly column: number;
  /** How many columns the caret underlines. */
  readonly length: number;
  readonly title: string;
  /** What was expected, or what was probably meant. */
  readonly hint?: string;
  /** The line as it stands in the file. */
  readonly source: string;
}

const GUTTER = 5;
const WIDTH = 110;
const CONTEXT = 40;

/**
 * tend.yaml:14:7  error[config]: unknown key "databses" in apps.skriptoteket
 *    14 |       databses:
 *       |       ^^^^^^^^ did you mean "databases"?
 */
export function formatProblem(problem: Problem): string {
  const head = `${problem.file}:${problem.line}:${problem.column}  error[config]: ${printable(problem.title)}`;
  const { text, caretAt, caretLength } = excerpt(problem);
  const hint = problem.hint ? ` ${printable(problem.hint)}` : "";
  return [
    head,
    `${String(problem.line).padStart(GUTTER)} | ${text}`.trimEnd(),
    `${" ".repeat(GUTTER)} | ${" ".repeat(caretAt)}${"^".repeat(caretLength)}${hint}`,
  ].join("\n");
}

export function formatProblems(problems: readonly Problem[], shown = 20): string {
  const rest = problems.length - shown;
  const blocks = problems.slice(0, shown).map(formatProblem);
  return [...blocks, ...(rest > 0 ? [`… and ${rest} more`] : [])].join("\n");
}

/** A piece of somebody's file inside a sentence: quoted, short, and unable to steer the terminal. */
export function quoted(text: string): string {
  const shown = printable(text);
  return `"${shown.length > 60 ? `${shown.slice(0, 59)}…` : shown}"`;
}

/** What is before a secret, and the secret. Each begins with a text of its own and has an end, so that none takes long. */
const SECRETS = [
  // a login in an address; keys of AWS have slashes in them
  /(:\/\/)([^\s"']{1,120})(?=@)/g,
  /(\bs3["']?[ \t]{0,9}:[ \t]{0,9}["']?)(?!\/\/)([^\s"']{1,120})(?=@)/g,
  /(secret_?(?:access_?)?key["']?[ \t]{0,9}[:=][ \t]{0,9}["']?)([^\s"',{}&]+)/gi,
  // a password that stands where only its place belongs
  /((?:^|[{,])[ \t]{0,99}["']?password["']?[ \t]{0,9}:[ \t]{0,9}["']?)(?![{\s])([^\s"'{}]+)/gi,
  // an age identity
  /(AGE-(?:SECRET-KEY|PLUGIN)-)([A-Z0-9-]+)/gi,
];

/** Secrets are hidden. One column stays one column, so that the caret still points at its place. */
function printable(text: string): string {
  const hidden = SECRETS.reduce((shown, pattern) => shown.replace(pattern, hide), text);
  return hidden
    .replace(/\t/g, " ")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu, "\u{fffd}");
}

function hide(_: string, before: string, secret: string): string {
  return before + "*".repeat(secret.length);
}

/** A long line is cut to the neighbourhood of the mistake. */
function excerpt({ source, column, length }: Problem): { text: string; caretAt: number; caretLength: number } {
  const from = source.length > WIDTH && column > WIDTH - CONTEXT ? column - 1 - CONTEXT : 0;
  const cut = printable(source).slice(from, from + WIDTH);
  const before = from > 0 ? "…" : "";
  const after = from + WIDTH < source.length ? "…" : "";
  const caretAt = column - 1 - from + before.length;
  const room = before.length + cut.length - caretAt;
  return { text: `${before}${cut}${after}`, caretAt, caretLength: Math.max(1, Math.min(length, room)) };
}
