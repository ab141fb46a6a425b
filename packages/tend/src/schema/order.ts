import type { Difference } from "./compare.ts";

/** What tables are made of comes before them, and what hangs on them after; any other kind comes between. */
const KINDS = [
  ["schema", "extension", "language", "collation", "base type", "enum", "domain", "range type", "composite type"],
  ["function", "procedure", "aggregate", "operator", "cast"],
  ["table", "foreign table", "virtual table", "view", "materialized view"],
  ["column", "sequence", "constraint", "index", "trigger", "rule", "policy", "statistics", "publication table"],
].flat();
const LAST = ["comment", "owner", "privilege"];

export function byTable(one: Difference, other: Difference): number {
  return (
    compared(one.table === undefined ? 0 : 1, other.table === undefined ? 0 : 1) ||
    compared(one.table ?? "", other.table ?? "") ||
    compared(rank(one.kind), rank(other.kind)) ||
    compared(one.identity, other.identity)
  );
}

function rank(kind: string): number {
  if (LAST.includes(kind)) return KINDS.length + 1 + LAST.indexOf(kind);
  return KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length;
}

function compared<T extends string | number>(one: T, other: T): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
