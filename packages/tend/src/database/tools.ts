import type { Database } from "../model/data.ts";
import type { Script } from "../transport/argv.ts";
import type { Keepers } from "./engine.ts";
import * as postgres from "./postgres/tools.ts";
import * as sqlite from "./sqlite/tools.ts";

/** The database's own shell, for a person. */
export function shellScript(database: Database, keepers: Keepers, tty: boolean): Script {
  return database.kind === "postgres" ? postgres.shell(database, tty) : sqlite.shell(database, keepers, tty);
}

/** Statements, answered on stdout; nothing can be changed unless `write` says so. */
export function queryScript(
  database: Database,
  keepers: Keepers,
  sql: string,
  options: { readonly csv: boolean; readonly write: boolean },
): Script {
  return database.kind === "postgres" ? postgres.query(database, sql, options) : sqlite.query(database, keepers, sql, options);
}
