import type { Definition, SchemaObject } from "../objects.ts";
import { type ColumnText, readTable, type TableText } from "./table.ts";
import { textOf, tokensOf } from "./tokens.ts";

/** SQLite keeps the text by which a thing was made: here it becomes what the text says, however it was written. */
export function readDefinitions(objects: readonly SchemaObject[]): SchemaObject[] {
  const tables = new Map(
    objects.flatMap((object) => {
      const sql = object.kind === "table" ? sqlOf(object) : undefined;
      return sql === undefined ? [] : [[object.identity, readTable(sql)] as const];
    }),
  );
  const columns = new Map<string, ColumnText>(
    [...tables].flatMap(([table, { columns }]) => columns.map((column) => [`${table}.${written(column.name)}`, column] as const)),
  );
  return objects.flatMap((object) => {
    if (object.kind === "column") return [withText(object, columns.get(object.identity))];
    const table = object.kind === "table" ? tables.get(object.identity) : undefined;
    return table ? [withOptions(object, table), ...checks(object.identity, table)] : [withDefinition(object)];
  });
}

function sqlOf({ def }: SchemaObject): string | undefined {
  return typeof def["sql"] === "string" ? def["sql"] : undefined;
}

function withoutSql({ sql: _, ...rest }: Definition): Definition {
  return rest;
}

function withDefinition(object: SchemaObject): SchemaObject {
  const sql = sqlOf(object);
  return sql === undefined ? object : { ...object, def: { ...withoutSql(object.def), definition: textOf(tokensOf(sql)) } };
}

function withOptions(object: SchemaObject, { options }: TableText): SchemaObject {
  return { ...object, def: { ...withoutSql(object.def), ...(options.length > 0 && { options }) } };
}

/** SQLite tells a default as it is written, comments and all. */
function withText(object: SchemaObject, column: ColumnText | undefined): SchemaObject {
  if (!column) return object;
  const { name: _, ...said } = column;
  const { default: usual, ...told } = object.def;
  return { ...object, def: { ...told, ...said, ...(typeof usual === "string" && { default: textOf(tokensOf(usual)) }) } };
}

function checks(table: string, { checks }: TableText): readonly SchemaObject[] {
  return checks.map(({ name, definition }) => {
    const identity = `${table}.${name === undefined ? `check ${definition}` : written(name)}`;
    return { kind: "constraint", identity, def: { table, definition: `check ${definition}` } };
  });
}

/** As the query writes names. */
function written(name: string): string {
  return /^[A-Za-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
