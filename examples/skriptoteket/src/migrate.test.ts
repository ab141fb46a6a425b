import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Database } from "./database.ts";
import { pendingOf, readMigrations, upgrade } from "./migrate.ts";

const folders: string[] = [];

async function folderWith(...files: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "migrations-"));
  folders.push(folder);
  for (const file of files) await writeFile(join(folder, file), `-- ${file}`);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const migration = (version: string) => ({ version, name: "x", sql: "" });

test("migrations are read in the order of their numbers", async () => {
  const found = await readMigrations(await folderWith("0010_c.sql", "0002_b.sql", "0001_a.sql", "README.md"));
  expect(found.map(({ version, name }) => `${version} ${name}`)).toEqual(["0001 a", "0002 b", "0010 c"]);
});

test("a badly named file is refused rather than skipped", async () => {
  await expect(readMigrations(await folderWith("1_a.sql"))).rejects.toThrow("1_a.sql");
});

test("two migrations with one number are refused", async () => {
  await expect(readMigrations(await folderWith("0001_a.sql", "0001_b.sql"))).rejects.toThrow("0001 is there twice");
});

test("pending is what was not applied, also between applied ones", () => {
  const all = ["0001", "0002", "0003"].map(migration);
  expect(pendingOf(all, ["0001", "0003"]).map((one) => one.version)).toEqual(["0002"]);
});

test("a database that is ahead of the release is refused", () => {
  expect(() => pendingOf([migration("0001")], ["0001", "0002"])).toThrow("can't locate migration 0002");
});

test("a migration that fails is named", async () => {
  const database: Database = {
    query: async () => [],
    script: async (text) => {
      if (text === "broken") throw new Error('syntax error at or near "broken"');
    },
    transaction: (work) => work(database),
    end: async () => undefined,
  };
  const broken = { version: "0002", name: "broken", sql: "broken" };
  await expect(upgrade(database, [migration("0001"), broken])).rejects.toThrow(
    'migration 0002: syntax error at or near "broken"',
  );
});

test("the app's own migrations are well-formed", async () => {
  const own = await readMigrations(new URL("../migrations", import.meta.url).pathname);
  expect(own.map((one) => one.version)).toEqual(own.map((_, index) => String(index + 1).padStart(4, "0")));
});
