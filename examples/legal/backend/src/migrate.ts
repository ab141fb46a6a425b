import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "./database.ts";

export interface Migration {
  readonly version: string;
  readonly sql: string;
}

/** Two containers that start at once must not both apply a migration; any number will do, if both use it. */
const LOCK = 7_210_002;

export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}_\w+\.sql$/.test(file)).sort();
  return Promise.all(files.map(async (file) => ({ version: file.slice(0, 4), sql: await readFile(join(folder, file), "utf8") })));
}

/**
 * Applies what is missing, all or nothing, and returns its versions. An older release beside a newer schema starts
 * all the same: a rollback must not be stopped by a table that it doesn't know.
 */
export async function migrate(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  const applied: string[] = [];
  await database.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    await tx.script(`CREATE TABLE IF NOT EXISTS schema_migrations (
      version text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`);
    const known = new Set(
      (await tx.query<{ version: string }>("SELECT version FROM schema_migrations")).map((row) => row.version),
    );
    for (const { version, sql } of migrations.filter((migration) => !known.has(migration.version))) {
      await tx.script(sql).catch((error: unknown) => {
        throw new Error(`migration ${version}: ${error instanceof Error ? error.message : error}`, { cause: error });
      });
      await tx.query("INSERT INTO schema_migrations (version) VALUES ($1)", [version]);
      applied.push(version);
    }
  });
  return applied;
}
