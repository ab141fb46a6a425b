import { expect, test } from "vitest";
import { compareSchemas } from "./compare.ts";
import { differenceLines } from "./show.ts";
import { object } from "./testing.ts";

const table = "public.users";
const dev = [
  object("table", table),
  object("column", `${table}.id`, { table, type: "integer", notNull: true }),
  object("column", `${table}.email_verified`, { table, type: "boolean", notNull: true, default: "false" }),
  object("constraint", `${table}.age`, { table, definition: "CHECK ((age > 0))" }),
  object("index", "public.users_email_idx", { table, definition: "CREATE INDEX users_email_idx ON public.users (email)" }),
  object("enum", "public.status", { values: ["new", "done"] }),
];
const prod = [
  object("table", table),
  object("column", `${table}.id`, { table, type: "bigint", notNull: true }),
  object("column", `${table}.legacy`, { table, type: "text", generated: "lower(email)" }),
  object("enum", "public.status", { values: ["new", "active", "done"] }),
];
const differences = compareSchemas(dev, prod, { owners: false });

test("a line for each difference, as the caller calls the sides", () => {
  expect(differenceLines(differences, { left: "dev", right: "prod" })).toEqual([
    "differs          enum public.status: values + active",
    "missing in prod  column public.users.email_verified (boolean not null default false)",
    "differs          column public.users.id: type integer → bigint",
    "missing in dev   column public.users.legacy (text generated lower(email))",
    "missing in prod  constraint public.users.age (CHECK ((age > 0)))",
    "missing in prod  index public.users_email_idx on public.users (CREATE INDEX users_email_idx ON public.users (email))",
  ]);
});

test("no more lines than asked for, and how many there are beyond", () => {
  const lines = differenceLines(differences, { left: "dev", right: "prod", most: 3 });
  expect(lines).toHaveLength(3);
  expect(lines.at(-1)).toBe("… and 4 more");
  expect(differenceLines(differences, { left: "dev", right: "prod", most: 6 })).toHaveLength(6);
  expect(differenceLines([], { left: "dev", right: "prod" })).toEqual([]);
});

test("names and definitions can't move the cursor, or make a line of their own", () => {
  const odd = compareSchemas([object("view", 'public."a\u001b[2Jb"', { definition: " SELECT 1\n   FROM x\u0007" })], [], {
    owners: false,
  });
  expect(differenceLines(odd, { left: "dev", right: "prod" })).toEqual([
    'missing in prod  view public."a�[2Jb" ( SELECT 1 FROM x�)',
  ]);
});
