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

/** The newest of them, which is what a database is at or what code knows. */
export function headOf(versions: readonly string[]): string {
  return [...versions].sort().at(-1) ?? "none";
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
    const applied = appliedVersions(database);
    const known = migrations.map((migration) => migration.version);
    if (applied.some((version) => !known.includes(version))) {
      throw new Error(`the database is at ${headOf(applied)}, this code knows ${headOf(known)}`);
    }

    const pending = migrations.filter((migration) => !applied.includes(migration.version));
    const note = database.prepare("INSERT INTO schema_migrations VALUES (?, datetime('now'))");
    for (const { version, sql } of pending) {
      apply(database, version, sql);
      note.run(version);
    }
    database.exec("COMMIT");
    return pending.map((migration) => migration.version);
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** The database's head, without touching it; none when it is new. */
export function currentHead(database: DatabaseSync): string {
  const table = database.prepare("SELECT name FROM sqlite_master WHERE name = 'schema_migrations'").get();
  return table ? headOf(appliedVersions(database)) : "none";
}

function appliedVersions(database: DatabaseSync): string[] {
  const rows = database.prepare("SELECT version FROM schema_migrations ORDER BY version").all();
  return rows.map((row) => String(row.version));
}

function apply(database: DatabaseSync, version: string, sql: string): void {
  try {
    database.exec(sql);
  } catch (error) {
    // SQLite's own error stays the one that is thrown: its code says what kind it is.
    if (error instanceof Error) error.message = `migration ${version}: ${error.message}`;
    throw error;
  }
}
