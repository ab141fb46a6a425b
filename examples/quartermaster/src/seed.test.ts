import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { createLedger } from "./ledger.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { seed } from "./seed.ts";

test("the ledger is filled once, and always the same", () => {
  const database = new DatabaseSync(":memory:");
  migrate(database, readMigrations(new URL("../migrations/", import.meta.url)));
  expect(seed(database)).toBe(10_800);
  const ledger = createLedger(database);
  expect(ledger.months()).toHaveLength(36);
  expect(ledger.months()[0]).toEqual({ year_month: "2026-12", state: "open" });
  expect(database.prepare("SELECT sum(amount) AS sum FROM posting").get()).toEqual({ sum: 5_560_200 });
  expect(() => seed(database)).toThrow("not empty");
});
