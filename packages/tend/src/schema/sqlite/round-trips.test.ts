import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { compareSchemas } from "../compare.ts";
import { chance } from "../testing.ts";
import { randomTables, schemaMadeBy, schemaOf, statements } from "./testing.ts";

const folder = mkdtempSync(join(tmpdir(), "tend-schema-"));
afterAll(() => rmSync(folder, { recursive: true }));
const seeds = Array.from({ length: 50 }, (_, seed) => seed);

test.each(seeds)("a copy by VACUUM INTO, and one made anew by the statements, are the same (%i)", (seed) => {
  const original = new DatabaseSync(":memory:");
  for (const statement of statements(randomTables(chance(seed), 8))) original.exec(statement);
  original.exec("create virtual table docs using fts5(title); create table counted (n integer primary key autoincrement)");
  original.exec("insert into counted default values; analyze");
  const before = schemaOf(original);
  expect(before.length).toBeGreaterThan(80);

  const file = join(folder, `${seed}.sqlite`);
  original.prepare("vacuum into ?").run(file);
  const copy = new DatabaseSync(file);
  expect(compareSchemas(before, schemaOf(copy), { owners: true })).toEqual([]);
  copy.close();

  // Shadow tables of the virtual one are made with it.
  const dump = original
    .prepare(
      "select sql from sqlite_master where sql is not null and name not glob 'docs_*' and name not glob 'sqlite_*' order by type = 'table' desc, name",
    )
    .all();
  original.close();
  expect(compareSchemas(before, schemaMadeBy(...dump.map(({ sql }) => String(sql))), { owners: true })).toEqual([]);
});

test.each(seeds)("how a statement is written doesn't matter (%i)", (seed) => {
  const luck = chance(seed);
  const as = statements(randomTables(chance(seed)));
  expect(
    compareSchemas(schemaMadeBy(...as), schemaMadeBy(...as.map((sql) => rewritten(sql, luck.below(4)))), { owners: true }),
  ).toEqual([]);
});

/** Comments and space where there is some, other quotes, other case; what stands in texts stays. */
function rewritten(sql: string, how: number): string {
  return sql
    .split(/('(?:[^']|'')*'|"[^"]*")/)
    .map((piece) => {
      if (piece.startsWith("'")) return piece;
      if (piece.startsWith('"')) return how === 1 ? `[${piece.slice(1, -1)}]` : how === 2 ? `\`${piece.slice(1, -1)}\`` : piece;
      if (how === 1) return piece.replace(/\s+/g, " /* and, ( so */\n\t").replace(/(?<=[(,])/g, " -- on\n ");
      if (how === 2)
        return piece.replace(/\b(?:create|table|index|unique|check|references|where|default|collate|primary key)\b/g, (word) =>
          word.toUpperCase(),
        );
      if (how === 3)
        return piece
          .replace(/\bc(\d)\b/g, '"c$1"')
          .replace(/\s*\(\s*/g, "(")
          .replace(/\s*\)\s*/g, " ) ");
      return piece;
    })
    .join("");
}

test("columns that were added and renamed later are as if they had always been there", () => {
  const grown = schemaMadeBy(
    "create table people (id integer primary key, nme text) strict",
    "alter table people add column age integer not null default 0 check (age >= 0)",
    "alter table people rename column nme to name",
    "alter table people rename to users",
  );
  const made = schemaMadeBy(
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER NOT NULL DEFAULT 0 CHECK(age>=0)) STRICT",
  );
  expect(compareSchemas(grown, made, { owners: true })).toEqual([]);
});
