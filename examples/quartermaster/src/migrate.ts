import { readdirSync, readFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

export interface Migration {
  readonly version: string;
  readonly sql: string;
}

export function readMigrations(folder: URL): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((file) => ({ version: file.slice(0, 4), sql: readFileSync(new URL(file, folder), "utf8") }));
}

/**
 * Applies what is missing, all or nothing, and returns its versions. A database that is ahead of the code is refused:
 * it holds what people typed in, and old code would write into columns whose meaning has changed.
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[]): string[] {
  // IMMEDIATE takes the write lock first, so that two starts can't both find the same migrations missing.
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec("CREATE TABLE IF NOT EXISTS schema_migrations (version TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT");
    const known = database.prepare("SELECT version FROM schema_migrations ORDER BY version").all();
    const versions = known.map((row) => String(row.version));
    const unknown = versions.find((version) => !migrations.some((migration) => migration.version === version));
    if (unknown) throw new Error(`can't locate migration ${unknown}: the database has it, this release does not`);

    const pending = migrations.filter((migration) => !versions.includes(migration.version));
    const note = database.prepare("INSERT INTO schema_migrations VALUES (?, datetime('now'))");
    for (const { version, sql } of pending) {
      database.exec(sql);
      note.run(version);
    }
    database.exec("COMMIT");
    return pending.map((migration) => migration.version);
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}
