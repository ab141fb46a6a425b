import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { currentHead, headOf, migrate, readMigrations } from "./migrate.ts";

const own = readMigrations(new URL("../migrations/", import.meta.url));
const tables = (database: DatabaseSync) =>
  database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .all()
    .map((row) => row.name);

test("an empty database gets everything, a second start nothing", () => {
  const database = new DatabaseSync(":memory:");
  expect(migrate(database, own)).toEqual(own.map((migration) => migration.version));
  expect(tables(database)).toEqual(["month", "month_entry", "posting", "schema_migrations"]);
  expect(migrate(database, own)).toEqual([]);
});

test("a migration that fails leaves nothing of itself or of those before it", () => {
  const database = new DatabaseSync(":memory:");
  const broken = [...own, { version: "0099", sql: "CREATE TABLE half (id INTEGER); CREATE TABLE month (id INTEGER);" }];
  expect(() => migrate(database, broken)).toThrow("migration 0099: table month already exists");
  expect(tables(database)).toEqual([]);
});

test("a database that is ahead of the release is refused, and stays as it is", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, own);
  expect(() => migrate(database, own.slice(0, 1))).toThrow("the database is at 0002, this code knows 0001");
  expect(tables(database)).toContain("posting");
});

test("the head of a database is what was applied last, and asking changes nothing", () => {
  const database = new DatabaseSync(":memory:");
  expect(currentHead(database)).toBe("none");
  expect(tables(database)).toEqual([]);
  migrate(database, own);
  expect(currentHead(database)).toBe(headOf(own.map((migration) => migration.version)));
});
