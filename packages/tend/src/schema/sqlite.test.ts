import { expect, test } from "vitest";
import { schemaMadeBy } from "./sqlite/testing.ts";

const told = (...sql: readonly string[]) =>
  schemaMadeBy(...sql).map(({ kind, identity, def }) => `${kind} ${identity} ${JSON.stringify(def)}`);

test("a table is told by its columns and constraints, whatever the statement looked like", () => {
  const lines = told(
    "create table teams (id integer primary key autoincrement, name text not null unique collate nocase)",
    `create table if not exists "users" (
      id integer primary key, "odd ""name" text default 'it''s, (so)', -- a comment, with ( in it
      [team_id] INT references teams (id) on delete cascade deferrable initially deferred,
      email text not null /* and another, */ check (email like '%@%'),
      low text generated always as (lower(email)) stored, half real as (id / 2.0),
      constraint age_ok check (id > 0 and id < 200), unique (team_id, email collate nocase) on conflict replace
    ) strict`,
    "create table pairs (a int, b int, primary key (b, a)) without rowid",
  );
  expect(lines.sort()).toEqual(
    [
      "table teams {}",
      'column teams.id {"table":"teams","type":"integer","autoincrement":true}',
      'column teams.name {"table":"teams","notNull":true,"type":"text","collation":"nocase"}',
      'constraint teams.primary key {"table":"teams","columns":"id"}',
      'constraint teams.unique (name) {"table":"teams","collations":"nocase"}',
      'table users {"options":["strict","team_id initially deferred","unique (team_id, email collate nocase) on conflict replace"]}',
      'column users.id {"table":"users","type":"integer"}',
      'column users."odd ""name" {"table":"users","type":"text","default":"\'it\'\'s, (so)\'"}',
      'column users.team_id {"table":"users","type":"int"}',
      'column users.email {"table":"users","notNull":true,"type":"text"}',
      'column users.low {"table":"users","generated":"stored","type":"text","expression":"(lower(email))"}',
      'column users.half {"table":"users","generated":"virtual","type":"real","expression":"(id / 2.0)"}',
      'constraint users.primary key {"table":"users","columns":"id"}',
      'constraint users.check (email like \'%@%\') {"table":"users","definition":"check (email like \'%@%\')"}',
      'constraint users.age_ok {"table":"users","definition":"check (id > 0 and id < 200)"}',
      'constraint users.unique (team_id, email) {"table":"users","collations":"binary, nocase"}',
      'constraint users.foreign key (team_id) to teams {"table":"users","references":"teams(id)","onDelete":"CASCADE"}',
      'table pairs {"options":["without rowid"]}',
      'column pairs.a {"table":"pairs","notNull":true,"type":"int"}',
      'column pairs.b {"table":"pairs","notNull":true,"type":"int"}',
      'constraint pairs.primary key {"table":"pairs","columns":"b, a"}',
    ].sort(),
  );
});

test("what SQLite and its modules keep for themselves is left out; a broken view is told all the same", () => {
  const lines = told(
    "create table counted (id integer primary key autoincrement)",
    "insert into counted default values",
    "create virtual table docs using fts5 (title, body)",
    "create table docs_of_mine (a)",
    "create view broken as select *   from nowhere",
    "analyze",
  );
  expect(lines.filter((line) => !line.startsWith("column") && !line.startsWith("constraint"))).toEqual([
    "table counted {}",
    'virtual table docs {"definition":"create virtual table docs using fts5(title, body)"}',
    "table docs_of_mine {}",
    'view broken {"definition":"create view broken as select * from nowhere"}',
  ]);
});

test("an empty database has no objects", () => {
  expect(told()).toEqual([]);
});
