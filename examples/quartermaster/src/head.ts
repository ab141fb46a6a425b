// Prints the newest migration that this code knows; with --database, the one that the database is at.
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { databasePath } from "./database.ts";
import { currentHead, headOf, readMigrations } from "./migrate.ts";

if (process.argv.includes("--database")) {
  const path = databasePath(process.env.QUARTERMASTER_DB_URL || "sqlite:///quartermaster.db");
  // Not through openDatabase: that one would make a file.
  console.log(existsSync(path) ? currentHead(new DatabaseSync(path, { readOnly: true, timeout: 5_000 })) : "none");
} else {
  console.log(headOf(readMigrations(new URL("../migrations/", import.meta.url)).map((migration) => migration.version)));
}
