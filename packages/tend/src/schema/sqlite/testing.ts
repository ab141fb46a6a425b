import { DatabaseSync } from "node:sqlite";
import { parseObjects, type SchemaObject } from "../objects.ts";
import { sqliteSchemaSql } from "../sqlite.ts";
import type { Chance } from "../testing.ts";

/** A schema as the tests make and change it: each part is the text that stands in the CREATE TABLE. */
export interface Tables {
  readonly tables: Map<string, Table>;
  /** By name: the whole statement. */
  readonly others: Map<string, string>;
}
export interface Table {
  /** By name: type and clauses. */
  readonly columns: Map<string, string>;
  readonly constraints: Set<string>;
  options: string;
}

const PLAIN = [
  "integer",
  "text",
  "varchar(40)",
  "real default 0.5",
  "text not null default 'it''s (new), -- or not'",
  "text collate nocase",
  "blob",
  "numeric(10, 2) not null default 0",
  "datetime default current_timestamp",
];

export function randomTables(chance: Chance, count = 6): Tables {
  const tables = new Map<string, Table>();
  const others = new Map<string, string>();
  for (let nth = 1; nth <= count; nth += 1) {
    const name = chance.pick(["users", "orders", "Order items", "logs"]) + nth;
    const columns = new Map([["id", "integer primary key"]]);
    for (let column = 1; column <= 3 + chance.below(5); column += 1) columns.set(`c${column}`, chance.pick(PLAIN));
    columns.set("low", "text generated always as (lower(c1)) stored");
    columns.set("size", "integer check (size > 0 and size < 100)");
    const [parent] = tables.keys();
    if (parent) columns.set("parent", `integer references ${quoted(parent)}(id)`);
    const constraints = new Set(["unique (c1, c2)", "constraint c_rule check (c1 <> 'no, never)')"]);
    tables.set(name, { columns, constraints, options: "" });
    others.set(`i${nth}`, `create index i${nth} on ${quoted(name)} (c1, c2 desc) where c1 is not null`);
    others.set(`u${nth}`, `create unique index u${nth} on ${quoted(name)} (c3)`);
    others.set(
      `t${nth}`,
      `create trigger t${nth} after update of c1 on ${quoted(name)} begin delete from ${quoted(name)} where id = 0; end`,
    );
    others.set(`v${nth}`, `create view v${nth} as select id, c1 from ${quoted(name)} where c1 <> 'A  b'`);
  }
  return { tables, others };
}

export function quoted(name: string): string {
  return /^\w+$/.test(name) ? name : `"${name}"`;
}

export function statements({ tables, others }: Tables): readonly string[] {
  return [...[...tables].map(([name, table]) => createTable(name, table)), ...others.values()];
}

function createTable(name: string, { columns, constraints, options }: Table): string {
  const items = [...[...columns].map(([column, text]) => `${quoted(column)} ${text}`), ...constraints];
  return `create table ${quoted(name)} (\n  ${items.join(",\n  ")}\n) ${options}`;
}

export function schemaOf(database: DatabaseSync): readonly SchemaObject[] {
  const rows = database.prepare(sqliteSchemaSql).all();
  return parseObjects(rows.map((row) => String(Object.values(row)[0])).join("\n"));
}

export function schemaMadeBy(...sql: readonly string[]): readonly SchemaObject[] {
  const database = new DatabaseSync(":memory:");
  for (const statement of sql) database.exec(statement);
  const objects = schemaOf(database);
  database.close();
  return objects;
}
