import { describe, expect, test } from "vitest";
import { compareSchemas } from "./compare.ts";
import type { SchemaObject } from "./objects.ts";
import { named, object } from "./testing.ts";

const table = "public.users";
const users: readonly SchemaObject[] = [
  object("table", table),
  object("column", `${table}.id`, { table, type: "integer", notNull: true }),
  object("column", `${table}.email`, { table, type: "text" }),
  object("constraint", `${table}.users_pkey`, { table, definition: "PRIMARY KEY (id)" }),
  object("index", "public.users_pkey", { table, unique: true, constraint: `${table}.users_pkey` }),
  object("index", "public.users_email_idx", {
    table,
    definition: "CREATE INDEX users_email_idx ON public.users USING btree (email)",
  }),
  object("trigger", `${table}.touch`, { table, definition: "CREATE TRIGGER touch …" }),
  object("sequence", "public.users_id_seq", { table, ownedBy: `${table}.id`, type: "integer" }),
  object("comment", `column ${table}.email`, { table, on: ["column", `${table}.email`], text: "mail" }),
  object("owner", `table ${table}`, { on: ["table", table], role: "app" }),
  object("owner", "sequence public.users_id_seq", { table, on: ["sequence", "public.users_id_seq"], role: "app" }),
  object("privilege", `table ${table} to reader`, { on: ["table", table], may: ["SELECT"] }),
];
const teams: readonly SchemaObject[] = [
  object("table", "public.teams"),
  object("column", "public.teams.id", { table: "public.teams", type: "bigint" }),
];

const withOwners = { owners: true };
function differences(left: readonly SchemaObject[], right: readonly SchemaObject[], options = withOwners) {
  return compareSchemas(left, right, options);
}
function without(identity: string, kind?: string): SchemaObject[] {
  return users.filter((one) => one.identity !== identity || (kind !== undefined && one.kind !== kind));
}
function changed(identity: string, def: SchemaObject["def"]): SchemaObject[] {
  return users.map((one) => (one.identity === identity ? { ...one, def: { ...one.def, ...def } } : one));
}

test("equal schemas have no differences, in whatever order they are told", () => {
  expect(differences([...users, ...teams], [...teams, ...users].reverse())).toEqual([]);
});

describe("what goes away together is told once", () => {
  test("a table with all that it has", () => {
    expect(differences([...users, ...teams], teams).map(named)).toEqual([`missing table ${table}`]);
    expect(differences(teams, [...users, ...teams]).map(named)).toEqual([`extra table ${table}`]);
  });

  test("a schema with its tables and types, but not another whose name begins alike", () => {
    const app = [
      object("schema", "app"),
      object("table", "app.a"),
      object("column", "app.a.b", { table: "app.a", type: "integer" }),
      object("enum", "app.color", { values: ["red"] }),
      object("owner", "function app.f(integer)", { on: ["function", "app.f(integer)"], role: "x" }),
      object("function", "app.f(integer)", {}),
      object("extension", "app.odd", { version: "1" }),
    ];
    const other = [object("table", '"app.a".c')];
    expect(
      differences([...app, ...other], [])
        .map(named)
        .sort(),
    ).toEqual(["missing schema app", 'missing table "app.a".c', "missing extension app.odd"].sort());
  });

  test("a constraint with its index", () => {
    const right = users.filter(({ identity }) => !identity.endsWith("users_pkey"));
    expect(differences(users, right).map(named)).toEqual([`missing constraint ${table}.users_pkey`]);
  });

  test("a column with its comment, an index of partitions with that of its parent", () => {
    const noEmail = users.filter(({ identity }) => !identity.includes(".email"));
    expect(differences(users, noEmail).map(named)).toEqual([`missing column ${table}.email`]);
    const indexes = [object("index", "a.p", { table: "a.t" }), object("index", "a.c", { table: "a.t1", partOf: "a.p" })];
    expect(differences(indexes, []).map(named)).toEqual(["missing index a.p"]);
  });

  test("a domain with its constraints, a publication with its tables", () => {
    const left = [
      object("domain", "public.email", { type: "text" }),
      object("constraint", "public.email.shape", { domain: "public.email", definition: "CHECK (true)" }),
      object("publication", "pub", {}),
      object("publication table", `${table} in pub`, { table, publication: "pub" }),
    ];
    expect(differences([...users, ...left], users).map(named)).toEqual(
      ["missing publication pub", "missing domain public.email"].sort((one) => (one.includes("domain") ? -1 : 1)),
    );
  });

  test("what a table lost is told although its container only differs", () => {
    const right = without(`${table}.email`, "column").map((one) =>
      one.kind === "table" ? { ...one, def: { unlogged: true } } : one,
    );
    expect(differences(users, right).map(named)).toEqual([`differs table ${table}`, `missing column ${table}.email`]);
    const other = changed(`${table}.id`, { type: "bigint" }).map((one) =>
      one.kind === "table" ? { ...one, def: { unlogged: true } } : one,
    );
    expect(differences(users, other).map(named)).toEqual([`differs table ${table}`, `differs column ${table}.id`]);
  });

  test("a column of a parent, but not a partition's own", () => {
    const family = (type: string, own: string) => [
      object("table", "a.p", { partitionedBy: "RANGE (at)" }),
      object("column", "a.p.n", { table: "a.p", type }),
      object("table", "a.c", { partition: "DEFAULT", inherits: ["a.p"] }),
      object("column", "a.c.n", { table: "a.c", type, default: own }),
    ];
    expect(differences(family("integer", "1"), family("bigint", "1")).map(named)).toEqual(["differs column a.p.n"]);
    expect(differences(family("integer", "1"), family("integer", "2")).map(named)).toEqual(["differs column a.c.n"]);
    expect(differences(family("integer", "1"), family("bigint", "2")).map(named)).toEqual([
      "differs column a.c.n",
      "differs column a.p.n",
    ]);
  });
});

describe("what differs says in what", () => {
  const details = (identity: string, def: SchemaObject["def"]) => differences(users, changed(identity, def))[0]?.details;

  test("a column", () => {
    expect(details(`${table}.id`, { type: "bigint" })).toEqual(["type integer → bigint"]);
    expect(details(`${table}.id`, { notNull: false })).toEqual(["not null → nullable"]);
    expect(details(`${table}.email`, { notNull: true, default: "''::text" })).toEqual([
      "nullable → not null",
      "default none → ''::text",
    ]);
    expect(details(`${table}.email`, { identity: "always" })).toEqual(["identity none → always"]);
  });

  test("a list by what came and went, or by its order", () => {
    const enums = (...values: string[]) => [object("enum", "public.status", { values })];
    expect(differences(enums("new", "old"), enums("new", "active", "done"))[0]?.details).toEqual([
      "values − old, + active, + done",
    ]);
    expect(differences(enums("new", "old"), enums("old", "new"))[0]?.details).toEqual(["values in another order"]);
  });

  test("a body without showing it, a flag by its name, a long text from where it differs", () => {
    const f = (def: SchemaObject["def"]) => [object("function", "public.f()", def)];
    expect(differences(f({ body: "abc", strict: true }), f({ body: "def" }))[0]?.details).toEqual([
      "body",
      "strict → not strict",
    ]);
    const long = (last: string) => f({ definition: `SELECT ${"column_name, ".repeat(10)}${last}\n FROM public.users` });
    expect(differences(long("email"), long("mail"))[0]?.details).toEqual([
      "definition … column_name, column_name, email FROM public.users → … column_name, column_name, mail FROM public.users",
    ]);
  });
});

test("owners and privileges count when they are asked for", () => {
  const right = users.filter(({ kind }) => kind !== "owner" && kind !== "privilege");
  expect(differences(users, right, { owners: false })).toEqual([]);
  expect(differences(users, right).map(named)).toEqual([
    "missing owner sequence public.users_id_seq",
    `missing owner table ${table}`,
    `missing privilege table ${table} to reader`,
  ]);
});

test("differences come by table: what tables are made of first, then each with what hangs on it", () => {
  const left = [
    ...users,
    ...teams,
    object("extension", "citext", { version: "1.6" }),
    object("enum", "public.status", { values: [] }),
  ];
  const right = [...without(`${table}.touch`), object("table", "public.audit"), object("index", "public.zzz", { table })];
  expect(differences(left, right).map(named)).toEqual([
    "missing extension citext",
    "missing enum public.status",
    "extra table public.audit",
    "missing table public.teams",
    "extra index public.zzz",
    `missing trigger ${table}.touch`,
  ]);
});
