import { expect, test } from "vitest";
import { compareSchemas } from "../compare.ts";
import { chance, named } from "../testing.ts";
import { quoted, randomTables, schemaMadeBy, statements, type Table, type Tables } from "./testing.ts";

type Mutation = (target: Target) => string | readonly string[];
interface Target {
  readonly table: Table;
  /** As identities have it. */
  readonly name: string;
  /** What indexes and so on are called after: `3` for `i3`. */
  readonly nth: number;
  readonly schema: Tables;
}

/** Each changes one thing, and returns what has to be told of it, all of it. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "a new column": ({ table, name }) => {
    table.columns.set("fresh", "text");
    return `extra column ${name}.fresh`;
  },
  "a column gone": ({ table, name }) => {
    table.columns.delete("size");
    return [`missing column ${name}.size`, `missing constraint ${name}.check (size > 0 and size < 100)`];
  },
  "a column renamed": ({ table, name }) => {
    table.columns.set("little", "text generated always as (lower(c1)) stored");
    table.columns.delete("low");
    return [`missing column ${name}.low`, `extra column ${name}.little`];
  },
  "a column of another type": ({ table, name }) => column(table, name, "c2", "timestamp"),
  "a column not null": ({ table, name }) =>
    column(table, name, "c2", `${table.columns.get("c2")} not null`.replace("not null default", "default")),
  "another default": ({ table, name }) =>
    column(table, name, "c3", `${table.columns.get("c3")} default 'other'`.replace(/ default .* default/, " default")),
  "a default that differs within its text": ({ table, name }) => column(table, name, "c3", "text default 'a  b'"),
  "another collation": ({ table, name }) =>
    column(table, name, "c3", `${table.columns.get("c3")} collate rtrim`.replace("collate nocase ", "")),
  "another expression": ({ table, name }) => column(table, name, "low", "text generated always as (upper(c1)) stored"),
  "a virtual column in the place of a stored one": ({ table, name }) =>
    column(table, name, "low", "text generated always as (lower(c1)) virtual"),
  "generated no longer": ({ table, name }) => column(table, name, "low", "text"),
  autoincrement: ({ table, name }) => column(table, name, "id", "integer primary key autoincrement"),
  "another check": ({ table, name }) => {
    table.columns.set("size", "integer check (size > 0 and size < 1000)");
    return [
      `missing constraint ${name}.check (size > 0 and size < 100)`,
      `extra constraint ${name}.check (size > 0 and size < 1000)`,
    ];
  },
  "a check with a name": ({ table, name }) => {
    table.constraints.delete("constraint c_rule check (c1 <> 'no, never)')");
    table.constraints.add("constraint c_rule check (c1 <> 'no,  never)')");
    return `differs constraint ${name}.c_rule`;
  },
  "a new check of the table": ({ table, name }) => {
    table.constraints.add("constraint later check (id > 3)");
    return `extra constraint ${name}.later`;
  },
  "a new unique": ({ table, name }) => {
    table.constraints.add("unique (c3, c1)");
    return `extra constraint ${name}.unique (c3, c1)`;
  },
  "unique gone": ({ table, name }) => {
    table.constraints.delete("unique (c1, c2)");
    return `missing constraint ${name}.unique (c1, c2)`;
  },
  "another primary key": ({ table, name }) => {
    table.columns.set("id", "integer");
    table.constraints.add("primary key (id, c1)");
    return `differs constraint ${name}.primary key`;
  },
  "a new foreign key": ({ table, name }) => {
    table.constraints.add("foreign key (c1, c2) references elsewhere (a, b)");
    return `extra constraint ${name}.foreign key (c1, c2) to elsewhere`;
  },
  "a foreign key that cascades": ({ table, name, schema }) => {
    const [parent = ""] = schema.tables.keys();
    if (!table.columns.has("parent")) return [];
    table.columns.set("parent", `integer references ${quoted(parent)}(id) on delete cascade`);
    return `differs constraint ${name}.foreign key (parent) to ${quoted(parent)}`;
  },
  "a foreign key that is deferred": ({ table, name, schema }) => {
    const [parent = ""] = schema.tables.keys();
    if (!table.columns.has("parent")) return [];
    table.columns.set("parent", `integer references ${quoted(parent)}(id) deferrable initially deferred`);
    return `differs table ${name}`;
  },
  "without rowid": ({ table, name }) => {
    table.options = "without rowid";
    // What is a primary key there is never null.
    return [`differs table ${name}`, `differs column ${name}.id`];
  },
  "on conflict": ({ table, name }) => {
    table.constraints.delete("unique (c1, c2)");
    table.constraints.add("unique (c1, c2) on conflict replace");
    return `differs table ${name}`;
  },
  "a new table": ({ schema }) => {
    schema.tables.set("news", {
      columns: new Map([["a", "integer primary key"]]),
      constraints: new Set(["unique (a)"]),
      options: "",
    });
    return "extra table news";
  },
  "a table gone": ({ schema, name, nth }) => {
    schema.tables.delete(name.replaceAll('"', ""));
    for (const other of ["i", "u", "t"]) schema.others.delete(`${other}${nth}`);
    return `missing table ${name}`;
  },
  "an index gone": ({ schema, nth }) => {
    schema.others.delete(`i${nth}`);
    return `missing index i${nth}`;
  },
  "an index of other columns": ({ schema, name, nth }) =>
    other(schema, `i${nth}`, "index", `create index i${nth} on ${name} (c2, c1 desc) where c1 is not null`),
  "an index in another order": ({ schema, name, nth }) =>
    other(schema, `i${nth}`, "index", `create index i${nth} on ${name} (c1, c2) where c1 is not null`),
  "an index of other rows": ({ schema, name, nth }) =>
    other(schema, `i${nth}`, "index", `create index i${nth} on ${name} (c1, c2 desc)`),
  "an index no longer unique": ({ schema, name, nth }) =>
    other(schema, `u${nth}`, "index", `create index u${nth} on ${name} (c3)`),
  "a new index": ({ schema, name }) => {
    schema.others.set("fresh", `create index fresh on ${name} (lower(c2))`);
    return "extra index fresh";
  },
  "a trigger gone": ({ schema, nth }) => {
    schema.others.delete(`t${nth}`);
    return `missing trigger t${nth}`;
  },
  "a trigger at another time": ({ schema, name, nth }) =>
    other(
      schema,
      `t${nth}`,
      "trigger",
      `create trigger t${nth} before update of c1 on ${name} begin delete from ${name} where id = 0; end`,
    ),
  "a trigger that does something else": ({ schema, name, nth }) =>
    other(
      schema,
      `t${nth}`,
      "trigger",
      `create trigger t${nth} after update of c1 on ${name} begin delete from ${name} where id = 1; end`,
    ),
  "a view gone": ({ schema, nth }) => {
    schema.others.delete(`v${nth}`);
    return `missing view v${nth}`;
  },
  "a view that selects another text": ({ schema, name, nth }) =>
    other(schema, `v${nth}`, "view", `create view v${nth} as select id, c1 from ${name} where c1 <> 'A b'`),
  "a virtual table": ({ schema }) => {
    schema.others.set("docs", "create virtual table docs using fts5(title, body)");
    return "extra virtual table docs";
  },
};

function column(table: Table, name: string, which: string, text: string): string | readonly string[] {
  if (table.columns.get(which) === text) return [];
  table.columns.set(which, text);
  return `differs column ${name}.${which}`;
}

function other(schema: Tables, which: string, kind: string, sql: string): string {
  schema.others.set(which, sql);
  return `differs ${kind} ${which}`;
}

const ROUNDS = 4;
const runs = Object.keys(MUTATIONS).flatMap((kind, at) =>
  Array.from({ length: ROUNDS }, (_, round) => [kind, at * ROUNDS + round] as const),
);

test.each(runs)("%s is named, and nothing else (%i)", (kind, seed) => {
  const { before, after, expected } = mutated(kind, seed);
  const differences = compareSchemas(before, after, { owners: true });
  expect(differences.map(named).sort()).toEqual([...expected].sort());
  expect(compareSchemas(after, before, { owners: true })).toHaveLength(differences.length);
});

/** The first of the tables, from a random one on, that the mutation can be made of. */
function mutated(kind: string, seed: number) {
  const tables = randomTables(chance(seed)).tables.size;
  const first = chance(seed + 1000).below(tables);
  for (let more = 0; more < tables; more += 1) {
    const schema = randomTables(chance(seed));
    const at = (first + more) % tables;
    const [real, table] = [...schema.tables][at] as [string, Table];
    const expected = [MUTATIONS[kind]?.({ table, name: quoted(real), nth: at + 1, schema }) ?? []].flat();
    if (expected.length === 0) continue;
    return {
      before: schemaMadeBy(...statements(randomTables(chance(seed)))),
      after: schemaMadeBy(...statements(schema)),
      expected,
    };
  }
  throw new Error(`${kind}: no table for it`);
}
