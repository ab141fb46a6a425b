import type { Database, PostgresDatabase } from "../../model/data.ts";
import { Failure } from "../../model/failure.ts";
import type { App } from "../../model/fleet.ts";
import { type SubjectName, subjectName } from "../../model/names.ts";
import { named, usage } from "../../params.ts";

export const databaseOption = named(subjectName, "name", "which database, where the app has several");

/** The database that was named, or the only one. Throws `usage`. */
export function oneDatabase(app: App, name: SubjectName | undefined): Database {
  const found = name === undefined ? app.databases : app.databases.filter((database) => database.name === name);
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  throw usage(
    only ? `${app.name} has several databases: which one?` : `${app.name} has no database${name ? ` "${name}"` : ""}`,
    app.databases.map((database) => `--database ${database.name}`).join(", ") || `apps.${app.name}.databases in tend.yaml`,
  );
}

/** Throws `database.kind` for a database that isn't PostgreSQL's. */
export function onlyPostgres(database: Database, what: string): PostgresDatabase {
  if (database.kind === "postgres") return database;
  throw new Failure({
    id: "database.kind",
    exit: "refused",
    title: `${what} is for PostgreSQL; ${database.name} is a SQLite file`,
    changed: "nothing",
  });
}
