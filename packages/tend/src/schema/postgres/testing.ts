import type { Chance } from "../testing.ts";

/** The objects of one table's neighbourhood, by their identities; statements and expectations are written with them. */
export interface Names {
  readonly n: number;
  readonly schema: string;
  readonly table: string;
  /** A plain table beside it that nothing refers to. */
  readonly side: string;
  /** In the same schema: `in("e")` is the enum `S.e_3`. */
  in(prefix: string): string;
}

const SCHEMAS = ["public", "app", '"Odd Schema"'];

export function names(n: number): Names {
  const schema = SCHEMAS[n % SCHEMAS.length] as string;
  const inSchema = (prefix: string) => `${schema}.${prefix}_${n}`;
  return { n, schema, table: `${schema}.${n % 4 === 0 ? `"Order items${n}"` : `users${n}`}`, side: inSchema("x"), in: inSchema };
}

const once = [
  "create extension if not exists citext",
  "create extension if not exists pg_trgm with schema app",
  'create extension if not exists "uuid-ossp"',
  "create type app.span as range (subtype = float8, subtype_diff = float8mi)",
  "create collation app.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
  "create aggregate public.total (integer) (sfunc = int4pl, stype = integer, initcond = '0')",
  "create procedure app.tidy (inout n integer) language plpgsql as $$ begin n := n + 1; end $$",
  "create function app.atomic (n integer default 3) returns integer immutable return n + 1",
  "create operator public.=== (leftarg = integer, rightarg = integer, function = int4eq, commutator = ===)",
  "create operator class app.down for type integer using btree as operator 1 >, operator 2 >=, operator 3 =, operator 4 <=, operator 5 <, function 1 btint4cmp(integer, integer)",
  "create type app.pair as (a integer, b text)",
  "create cast (app.pair as text) with inout as assignment",
  "create text search dictionary app.words (template = simple, stopwords = english)",
  "create text search configuration app.search (copy = english)",
  "alter text search configuration app.search alter mapping for word with app.words",
  "create table app.events (id bigint not null, at date not null, what text default 'x' check (what <> ''), primary key (id, at)) partition by range (at)",
  "create table app.events_1 partition of app.events for values from ('2025-01-01') to ('2026-01-01')",
  "create table app.events_2 partition of app.events (constraint own check (id > 0)) for values from ('2026-01-01') to ('2027-01-01')",
  "create table app.events_d partition of app.events default",
  "create index events_what on app.events (what)",
  "create table app.of_events (id bigint, at date, constraint of_event foreign key (id, at) references app.events)",
  "create table public.base (id integer primary key, x integer default 1 check (x > 0))",
  "create table public.derived (y integer) inherits (public.base)",
  "create unlogged table public.scratch (a integer)",
  "create foreign data wrapper away",
  "create server far foreign data wrapper away options (host 'db.example', secret 'hush')",
  "create foreign table app.remote (a integer options (column_name 'z'), b text) server far options (table_name 't')",
  "create function public.on_ddl() returns event_trigger language plpgsql as $$ begin end $$",
  "create event trigger noted on ddl_command_end when tag in ('CREATE AGGREGATE') execute function public.on_ddl()",
  "create publication some_of_it",
  "create publication all_of_it for tables in schema app with (publish = 'insert, update')",
  "alter default privileges in schema app grant select on tables to reader",
  "grant create on schema public to reader",
  "comment on schema app is 'the app''s own'",
];

/** A table with one of each kind of thing around it. */
function neighbourhood(
  n: number,
  { more, parts }: { more: readonly string[]; parts(list: readonly string[]): readonly string[] },
) {
  const { table, side, in: own } = names(n);
  const parent = names(Math.max(n - 1, 1)).table;
  return [
    `create type ${own("e")} as enum ('new', 'active', 'done')`,
    `create type ${own("c")} as (street text, zip varchar(10))`,
    `create domain ${own("d")} as varchar(30) default 'x' constraint shape check (value <> '')`,
    `create sequence ${own("s")} increment 2 maxvalue 5000`,
    `create function ${own("f")} (a integer, b integer default 2) returns integer language sql immutable as 'select a + b'`,
    `create function ${own("touch")} () returns trigger language plpgsql as $$ begin return new; end $$`,
    `create table ${table} (
      id bigint generated always as identity constraint pk_${n} primary key, label text not null default 'none', note text,
      plain text, num integer not null, count integer, amount numeric(12, 2), state ${own("e")} not null default 'new',
      code ${own("d")}, addr ${own("c")}, at timestamptz default now(), since date default '2020-01-02',
      low text generated always as (lower(label)) stored, "Mixed" interval default '1 day 02:00', parent bigint,
      email public.citext, ${more.map((column, at) => `more${at} ${column}, `).join("")}
      constraint chk_${n} check (amount > 0), constraint uq_${n} unique (count, note),
      constraint fk_${n} foreign key (parent) references ${parent})`,
    `create table ${side} (a integer, b text)`,
    ...parts([
      `create index ix_${n} on ${table} (lower(label), note desc) where count > 3`,
      `create unique index ux_${n} on ${table} (label)`,
      `create index trgm_${n} on ${table} using gin (label app.gin_trgm_ops)`,
      `create trigger tr_${n} before update of note on ${table} for each row when (new.note is not null) execute function ${own("touch")} ()`,
      `create view ${own("v")} as select id, label from ${table} where state = 'active' and exists (select from ${side} where a = num)`,
      `create view ${own("w")} with (security_barrier) as select t.id, s.b from ${table} t join ${side} s on s.a = t.num`,
      `create materialized view ${own("m")} as select state, count(*) as many from ${table} group by state`,
      `create rule r_${n} as on delete to ${side} do instead nothing`,
      `create policy p_${n} on ${table} for select to reader using (num > 3)`,
      `create statistics ${own("st")} (dependencies) on count, num from ${table}`,
      `comment on column ${table}.note is 'a note, "quoted"'`,
      `grant select, insert on ${table} to reader`,
      `grant update (email) on ${table} to reader`,
      `revoke execute on function ${own("f")} (integer, integer) from public`,
      `alter table ${side} owner to owner`,
      `alter publication some_of_it add table ${table}`,
    ]),
  ];
}

const COLUMNS = [
  "integer[] default '{1,2}'",
  "jsonb not null default '{}'",
  "bytea default '\\x00ff'",
  "uuid default public.uuid_generate_v4()",
  "inet",
  "timestamp(3) with time zone default '2020-01-01 00:00:00+02'",
  "double precision default 1.1e-7",
  `text collate "C" default E'line\\nbreak'`,
  "char(3) default 'abc'",
  "bit varying(7)",
  "app.span default '[1,2)'",
  "tsvector",
  "text generated always as (upper(label)) stored",
  "boolean default (1 > 0)",
  "smallint check (num <> 7)",
  "point",
  "serial",
  "oid default 'pg_class'::regclass::oid",
  "public.citext unique",
  "date[] default array['2020-01-01'::date, current_date]",
];

export const roles = ["create role reader", "create role owner"];

function statements(...groups: readonly (readonly string[])[]): string {
  return groups
    .flat()
    .map((statement) => `${statement};\n`)
    .join("");
}

/** What the tables' neighbourhoods are put beside, and refer to. */
export const common = statements(["create schema app", 'create schema "Odd Schema"'], once);

/** With everything, around so many tables: `names(1)` and on. */
export function wholeSchema(tables: number): string {
  const around = Array.from({ length: tables }, (_, at) => neighbourhood(at + 1, { more: [], parts: (all) => all }));
  return common + statements(...around);
}

/** With some of it, and with columns of many kinds; to be made beside what is common. */
export function randomSchema(chance: Chance): string {
  const around = Array.from({ length: 1 + chance.below(3) }, (_, at) =>
    neighbourhood(at + 1, { more: chance.some(COLUMNS, 0.4), parts: (all) => chance.some(all, 0.6) }),
  );
  return statements(...around);
}
