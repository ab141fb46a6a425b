import type { Difference } from "./compare.ts";
import { differingFields } from "./contrast.ts";

/** Kinds that rows are loaded without, and fields that don't tell which rows fit. */
const HARMLESS_KINDS: ReadonlySet<string> = new Set(
  [
    ["comment", "owner", "privilege", "statistics", "policy", "rule", "event trigger", "language"],
    ["function", "procedure", "aggregate", "operator", "operator class", "operator family", "cast", "view"],
    ["publication", "publication table", "publication schema", "text search configuration", "text search dictionary"],
    ["foreign data wrapper", "foreign server", "foreign table"],
  ].flat(),
);
const HARMLESS_FIELDS: Readonly<Record<string, readonly string[]>> = {
  table: ["unlogged", "rowSecurity", "replicaIdentity", "storedBy", "parameters", "toastParameters", "server", "foreignOptions"],
  column: ["storage", "compression", "statistics", "options", "foreignOptions"],
  index: ["clustered", "replicaIdentity", "partOf"],
  sequence: ["cache"],
  extension: ["version"],
  "materialized view": ["definition", "options", "populated", "unlogged", "storedBy"],
};

/** Whether rows of one side may not load into the other, or mean something else there. */
export function blocksData({ kind, left, right }: Difference): boolean {
  if (HARMLESS_KINDS.has(kind)) return false;
  if (kind === "index" && !left?.["unique"] && !right?.["unique"]) return false;
  if (!left || !right) return true;
  return differingFields(left, right).some((field) => !HARMLESS_FIELDS[kind]?.includes(field));
}
