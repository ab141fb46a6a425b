import type { Definition, Json } from "./objects.ts";

/** What two definitions of one object don't have in common, a line for each field. */
export function contrast(left: Definition, right: Definition): readonly string[] {
  return differingFields(left, right).map((field) => told(field, left[field], right[field]));
}

/** `table` only says where a thing belongs, which its name or definition tells, too. */
export function differingFields(left: Definition, right: Definition): readonly string[] {
  const fields = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...fields].filter((field) => field !== "table" && JSON.stringify(left[field]) !== JSON.stringify(right[field]));
}

function told(field: string, left: Json | undefined, right: Json | undefined): string {
  if (field === "notNull") return left ? "not null → nullable" : "nullable → not null";
  if (field === "body" || field === "library") return field;
  const name = words(field);
  if (isFlag(left) && isFlag(right)) return left ? `${name} → not ${name}` : `not ${name} → ${name}`;
  if (Array.isArray(left) && Array.isArray(right)) return `${name} ${listsTold(left.map(String), right.map(String))}`;
  const [before, after] = excerpts(text(left), text(right));
  return `${name} ${before} → ${after}`;
}

function words(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function isFlag(value: Json | undefined): boolean {
  return value === undefined || value === true || value === false;
}

function listsTold(left: readonly string[], right: readonly string[]): string {
  const gone = left.filter((value) => !right.includes(value)).map((value) => `− ${value}`);
  const come = right.filter((value) => !left.includes(value)).map((value) => `+ ${value}`);
  return [...gone, ...come].join(", ") || "in another order";
}

function text(value: Json | undefined): string {
  if (value === undefined) return "none";
  if (Array.isArray(value)) return value.map(String).join(", ");
  return String(value).replace(/\s+/g, " ");
}

const ROOM = 60;
const LEAD = 20;

/** Both as they are when they are short, else from where they begin to differ. */
function excerpts(left: string, right: string): readonly [string, string] {
  if (left.length <= ROOM && right.length <= ROOM) return [left, right];
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  const from = same <= LEAD ? 0 : left.lastIndexOf(" ", same - LEAD) + 1;
  return [cut(left, from), cut(right, from)];
}

function cut(whole: string, from: number): string {
  const piece = whole.slice(from, from + ROOM);
  return `${from > 0 ? "… " : ""}${piece}${from + ROOM < whole.length ? " …" : ""}`;
}
