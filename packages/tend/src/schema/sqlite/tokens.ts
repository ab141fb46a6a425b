/** A word, a sign or a literal of an SQL text. */
export interface Token {
  /** Alike for everything that SQLite takes to be the same. */
  readonly text: string;
  /** The name itself, where the token may be one. */
  readonly name?: string;
  /** A word without quotes, which may be a keyword. */
  readonly bare: boolean;
}

const COMMENT = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const SPACE = /\s+/y;
const STRING = /[xX]?'(?:[^']|'')*'/y;
const QUOTED = /"(?:[^"]|"")*"/y;
const FENCED = /\[[^\]]*\]|`(?:[^`]|``)*`/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const NUMBER = /0[xX][\dA-Fa-f]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const SIGN = /\|\||->>|->|<<|>>|<=|>=|<>|!=|==|[\s\S]/y;

export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const next = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(sql)?.[0];
    if (found) at += found.length;
    return found;
  };
  while (at < sql.length) {
    if (next(SPACE) || next(COMMENT)) continue;
    const token =
      literal(next(STRING)) ?? quoted(next(QUOTED)) ?? fenced(next(FENCED)) ?? word(next(WORD)) ?? literal(next(NUMBER));
    const found = token ?? literal(next(SIGN));
    if (found) tokens.push(found);
  }
  return tokens;
}

function literal(text: string | undefined): Token | undefined {
  return text === undefined ? undefined : { text, bare: false };
}

function word(text: string | undefined): Token | undefined {
  return text === undefined ? undefined : { text: text.toLowerCase(), name: text, bare: true };
}

const SIMPLE = /^[a-z_][a-z0-9_]*$/;

/** SQLite takes `"Active"` for a string where there is no such column: so its case is kept. */
function quoted(text: string | undefined): Token | undefined {
  if (text === undefined) return undefined;
  const name = text.slice(1, -1).replaceAll('""', '"');
  return { text: SIMPLE.test(name) ? name : text, name, bare: false };
}

function fenced(text: string | undefined): Token | undefined {
  if (text === undefined) return undefined;
  const name = text.startsWith("[") ? text.slice(1, -1) : text.slice(1, -1).replaceAll("``", "`");
  const lower = name.toLowerCase();
  return { text: SIMPLE.test(lower) ? lower : `"${name.replaceAll('"', '""')}"`, name, bare: false };
}

/** After these a bracket isn't that of a function or a type. */
const KEYWORDS = new Set(
  "and as by check else except exists from having in intersect into key not on or over references select set then union unique using values when where".split(
    " ",
  ),
);

/** The text of tokens, alike however it was spaced. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map((token, at) => (isClose(tokens[at - 1], token) ? token.text : ` ${token.text}`)).join("");
}

function isClose(before: Token | undefined, { text }: Token): boolean {
  if (before === undefined || before.text === "(" || before.text === ".") return true;
  if (text === "(") return before.bare && !KEYWORDS.has(before.text);
  return [",", ")", ".", ";"].includes(text);
}
