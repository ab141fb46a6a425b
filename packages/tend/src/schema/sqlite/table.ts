import { type Token, textOf, tokensOf } from "./tokens.ts";

/** What the text of a CREATE TABLE says, and no pragma tells. */
export interface TableText {
  /** `strict`, `without rowid`; and what a column's or a constraint's own clauses say of conflicts and deferring. */
  readonly options: readonly string[];
  readonly columns: readonly ColumnText[];
  readonly checks: readonly Check[];
}

export interface ColumnText {
  readonly name: string;
  readonly type?: string;
  readonly collation?: string;
  readonly expression?: string;
  readonly autoincrement?: true;
}

export interface Check {
  readonly name?: string;
  readonly definition: string;
}

/** What a column's type ends before. */
const CLAUSES = [
  "constraint",
  "primary",
  "not",
  "null",
  "unique",
  "check",
  "default",
  "collate",
  "references",
  "generated",
  "as",
];
const CONSTRAINTS = ["constraint", "primary", "unique", "check", "foreign"];

export function readTable(sql: string): TableText {
  const tokens = tokensOf(sql);
  const open = tokens.findIndex(({ text }) => text === "(");
  const close = closing(tokens, open);
  const items = listed(tokens.slice(open + 1, close));
  const columns = items.filter((item) => !isConstraint(item));
  return {
    options: [...listed(tokens.slice(close + 1)).map(textOf), ...items.flatMap(clauses)].filter(Boolean).sort(),
    columns: columns.map(readColumn),
    checks: items.flatMap(checksOf),
  };
}

function isConstraint([first]: readonly Token[]): boolean {
  return first?.bare === true && CONSTRAINTS.includes(first.text);
}

function readColumn(item: readonly Token[]): ColumnText {
  const end = item.findIndex(({ bare, text }, at) => at > 0 && bare && CLAUSES.includes(text));
  const type = item.slice(1, end < 0 ? item.length : end);
  const collation = after(item, ["collate"]);
  const expression = after(item, ["as"]);
  return {
    name: item[0]?.name ?? item[0]?.text ?? "",
    ...(type.length > 0 && { type: textOf(type) }),
    ...(collation && { collation: collation.text }),
    ...(expression?.text === "(" && { expression: textOf(bracketed(item, item.indexOf(expression))) }),
    ...(item.some(({ bare, text }) => bare && text === "autoincrement") && { autoincrement: true as const }),
  };
}

/** `email on conflict replace`, `foreign key(team) … initially deferred`: told by the column or the constraint they are of. */
function clauses(item: readonly Token[]): readonly string[] {
  const subject = isConstraint(item)
    ? textOf(
        item.slice(
          0,
          closing(
            item,
            item.findIndex(({ text }) => text === "("),
          ) + 1,
        ),
      )
    : item[0]?.text;
  const conflict = after(item, ["on", "conflict"]);
  const deferred = after(item, ["initially"]);
  return [
    ...(conflict ? [`${subject} on conflict ${conflict.text}`] : []),
    ...(deferred?.text === "deferred" ? [`${subject} initially deferred`] : []),
  ];
}

function checksOf(item: readonly Token[]): readonly Check[] {
  return outermost(item).flatMap(({ token, at }) => {
    if (!token.bare || token.text !== "check" || (at === 0 && !isConstraint(item))) return [];
    const name = item[at - 2]?.text === "constraint" ? item[at - 1]?.name : undefined;
    return [{ ...(name !== undefined && { name }), definition: textOf(bracketed(item, at + 1)) }];
  });
}

/** The token that follows these keywords. */
function after(item: readonly Token[], keywords: readonly string[]): Token | undefined {
  const found = outermost(item).find(({ at }) =>
    keywords.every((keyword, offset) => item[at + offset]?.bare && item[at + offset]?.text === keyword),
  );
  return found && item[found.at + keywords.length];
}

function listed(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const commas = outermost(tokens).flatMap(({ token, at }) => (token.text === "," ? [at] : []));
  return [-1, ...commas].map((comma, nth) => tokens.slice(comma + 1, commas[nth] ?? tokens.length));
}

/** The tokens outside of brackets, with where they stand. */
function outermost(tokens: readonly Token[]): readonly { readonly token: Token; readonly at: number }[] {
  let depth = 0;
  return tokens.flatMap((token, at) => {
    if (token.text === ")") depth -= 1;
    const outside = depth === 0;
    if (token.text === "(") depth += 1;
    return outside ? [{ token, at }] : [];
  });
}

function bracketed(tokens: readonly Token[], open: number): readonly Token[] {
  return tokens.slice(open, closing(tokens, open) + 1);
}

function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at >= 0 && at < tokens.length; at += 1) {
    if (tokens[at]?.text === "(") depth += 1;
    if (tokens[at]?.text === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}
