import { expect, test } from "vitest";
import type { Database } from "./database.ts";
import { migrate, readMigrations } from "./migrate.ts";

function databaseAt(...versions: string[]) {
  const scripts: string[] = [];
  const database: Database = {
    query: async () => [],
    transaction: (work) =>
      work({
        query: async <Row>(text: string) =>
          (text.startsWith("SELECT version") ? versions.map((version) => ({ version })) : []) as Row[],
        script: async (text) => {
          if (text === "broken") throw new Error('syntax error at or near "broken"');
          scripts.push(text);
        },
      }),
    end: async () => undefined,
  };
  return { database, scripts };
}

const all = [
  { version: "0001", sql: "one" },
  { version: "0002", sql: "two" },
];

test("only what is missing is applied, in order", async () => {
  const { database, scripts } = databaseAt("0001");
  expect(await migrate(database, all)).toEqual(["0002"]);
  expect(scripts.slice(1)).toEqual(["two"]);
});

test("an older release starts beside a newer schema", async () => {
  expect(await migrate(databaseAt("0001", "0002", "0003").database, all)).toEqual([]);
});

test("one that fails is named, and what comes after it is not tried", async () => {
  const { database, scripts } = databaseAt("0001", "0002");
  const broken = [...all, { version: "0003", sql: "broken" }, { version: "0004", sql: "four" }];
  await expect(migrate(database, broken)).rejects.toThrow('migration 0003: syntax error at or near "broken"');
  expect(scripts).not.toContain("four");
});

test("the app's own migrations are read in order", async () => {
  const own = await readMigrations(new URL("../migrations", import.meta.url).pathname);
  expect(own.map((migration) => migration.version)).toEqual(own.map((_, index) => String(index + 1).padStart(4, "0")));
});
