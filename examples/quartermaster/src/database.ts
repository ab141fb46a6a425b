import { DatabaseSync } from "node:sqlite";

/** `sqlite:///file` is relative to the working directory, `sqlite:////file` is absolute. */
export function databasePath(url: string): string {
  const [, path] = /^sqlite:\/\/\/(.+)$/.exec(url) ?? [];
  // The password that such a URL may hold stays out of the message.
  if (!path) throw new Error(`QUARTERMASTER_DB_URL: sqlite:///… is expected, not ${url.split(":", 1)[0]}:…`);
  return path;
}

export function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
  // Readers, such as a backup, don't wait for the writer.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  return database;
}

/** Through a connection of its own: the open one would go on working on a file that has been removed. */
export function probeDatabase(path: string): void {
  const probe = new DatabaseSync(path, { readOnly: true, timeout: 1_000 });
  try {
    probe.prepare("SELECT count(*) FROM schema_migrations").get();
  } finally {
    probe.close();
  }
}
