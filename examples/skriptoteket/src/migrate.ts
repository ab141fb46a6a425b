import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Database } from "./database.ts";

export interface Migration {
  readonly version: string;
  readonly name: string;
  readonly sql: string;
}

/** Two machines that upgrade at once must not both apply a migration; any number will do, if both use it. */
const LOCK = 7_210_001;

export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  const migrations: Migration[] = [];
  for (const file of files) {
    const [, version, name] = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file) ?? [];
    if (!version || !name) throw new Error(`migration ${file}: expected a name like 0001_create_tools.sql`);
    if (migrations.some((other) => other.version === version)) throw new Error(`migration ${version} is there twice`);
    migrations.push({ version, name, sql: await readFile(join(folder, file), "utf8") });
  }
  return migrations;
}

export async function appliedVersions(database: Database): Promise<string[]> {
  const [found] = await database.query<{ table: string | null }>(`SELECT to_regclass('schema_migrations')::text AS table`);
  if (!found?.table) return [];
  const rows = await database.query<{ version: string }>("SELECT version FROM schema_migrations ORDER BY version");
  return rows.map((row) => row.version);
}

export function pendingOf(migrations: readonly Migration[], applied: readonly string[]): Migration[] {
  const unknown = applied.find((version) => !migrations.some((migration) => migration.version === version));
  // Newer code has been here. Whatever this code believes about the schema may be wrong.
  if (unknown) throw new Error(`can't locate migration ${unknown}: the database has it, this release does not`);
  return migrations.filter((migration) => !applied.includes(migration.version));
}

/** All that are pending in one transaction: either the schema is the new one, or nothing has changed. */
export async function upgrade(database: Database, migrations: readonly Migration[]): Promise<Migration[]> {
  return database.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
    await tx.script(`CREATE TABLE IF NOT EXISTS schema_migrations (
      version text PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    const pending = pendingOf(migrations, await appliedVersions(tx));
    for (const migration of pending) {
      await tx.script(migration.sql).catch((error: unknown) => {
        throw new Error(`migration ${migration.version}: ${error instanceof Error ? error.message : error}`, { cause: error });
      });
      await tx.query("INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", [migration.version, migration.name]);
    }
    return pending;
  });
}
