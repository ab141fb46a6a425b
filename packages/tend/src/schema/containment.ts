import type { Difference } from "./compare.ts";
import type { Definition, SchemaObject } from "./objects.ts";

export function keyOf(kind: string, identity: string): string {
  return `${kind} ${identity}`;
}

const TABLES = ["table", "foreign table", "view", "materialized view", "virtual table"];

/** The table or view that an object is, or belongs to. */
export function tableOf({ kind, identity, def }: SchemaObject): string | undefined {
  if (TABLES.includes(kind)) return identity;
  const on = def["on"];
  if (Array.isArray(on) && TABLES.includes(String(on[0]))) return String(on[1]);
  return typeof def["table"] === "string" ? def["table"] : undefined;
}

/** They stand in no schema, whatever their names begin with. */
const OUTSIDE_SCHEMAS = new Set([
  "schema",
  "extension",
  "publication",
  "event trigger",
  "foreign data wrapper",
  "foreign server",
]);

/** What an object goes away with, innermost first. */
export function containersOf({ kind, identity, left, right }: Difference): readonly string[] {
  const def = left ?? right ?? {};
  const on = def["on"];
  if (Array.isArray(on)) {
    const target = { kind: String(on[0]), identity: String(on[1]) };
    return [keyOf(target.kind, target.identity), ...containersOf({ ...target, change: "missing", left: withoutTarget(def) })];
  }
  return [
    ...named(def, "constraint", ["constraint"]),
    ...named(def, "partOf", ["index"]),
    ...named(def, "domain", ["domain"]),
    ...named(def, "publication", ["publication"]),
    ...named(def, "table", TABLES),
    ...(OUTSIDE_SCHEMAS.has(kind) ? [] : schemasOf(identity)),
  ];
}

function withoutTarget({ table, constraint }: Definition): Definition {
  return { ...(table !== undefined && { table }), ...(constraint !== undefined && { constraint }) };
}

function named(def: Definition, field: string, kinds: readonly string[]): readonly string[] {
  const name = def[field];
  return typeof name === "string" ? kinds.map((kind) => keyOf(kind, name)) : [];
}

function schemasOf(identity: string): readonly string[] {
  const schema = /^((?:"(?:[^"]|"")*"|[^."]+))\./.exec(identity)?.[1];
  return schema ? [keyOf("schema", schema)] : [];
}

/** The columns that a column is inherited from, on either side. */
export function parentsOf(
  { kind, identity, table }: Difference,
  sides: { readonly left: ReadonlyMap<string, SchemaObject>; readonly right: ReadonlyMap<string, SchemaObject> },
): readonly string[] {
  if (kind !== "column" || table === undefined) return [];
  const column = identity.slice(table.length);
  return [sides.left, sides.right].flatMap((side) => {
    const inherits = side.get(keyOf("table", table))?.def["inherits"];
    return Array.isArray(inherits) ? inherits.map((parent) => keyOf("column", `${String(parent)}${column}`)) : [];
  });
}
