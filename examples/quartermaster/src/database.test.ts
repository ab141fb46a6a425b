import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { databasePath, openDatabase, probeDatabase } from "./database.ts";
import { migrate } from "./migrate.ts";

test("three slashes are relative, four absolute", () => {
  expect(databasePath("sqlite:///quartermaster.db")).toBe("quartermaster.db");
  expect(databasePath("sqlite:////data/quartermaster.db")).toBe("/data/quartermaster.db");
});

test("another kind of URL is refused without repeating its password", () => {
  expect(() => databasePath("postgres://user:hunter2@db/q")).toThrow(/^(?!.*hunter2).*postgres:…$/);
  expect(() => databasePath("sqlite://")).toThrow("sqlite:///…");
});

test("the probe notices a file that was removed under the open connection", () => {
  const folder = mkdtempSync(join(tmpdir(), "quartermaster-"));
  const path = join(folder, "q.db");
  const database = openDatabase(path);
  migrate(database, []);
  expect(() => probeDatabase(path)).not.toThrow();
  rmSync(path);
  expect(() => probeDatabase(path)).toThrow("unable to open database file");
  database.close();
  rmSync(folder, { recursive: true });
});
