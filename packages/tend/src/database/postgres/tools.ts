import type { PostgresDatabase } from "../../model/data.ts";
import { usage } from "../../params.ts";
import { command, type Script, sh } from "../../transport/argv.ts";
import { ident, inContainer, inContainerReading, psql, text } from "./psql.ts";
import { createLike } from "./replace.ts";

/** psql for a person. */
export function shell(database: PostgresDatabase, tty: boolean): Script {
  const flags = tty ? ["--interactive", "--tty"] : ["--interactive"];
  return command([
    "docker",
    "exec",
    ...flags,
    database.container,
    "psql",
    "--username",
    database.user,
    "--dbname",
    database.database,
  ]);
}

/** Statements from stdin, answered as a table, or as JSON lines; nothing can be changed unless `write` says so. */
export function query(
  database: PostgresDatabase,
  sql: string,
  options: { readonly write: boolean; readonly csv: boolean },
): Script {
  // psql's own commands reach beyond the database: a shell, the container's files.
  if (sql.replaceAll(/'[^']*'|"[^"]*"/g, "").includes("\\"))
    throw usage("psql's own commands (\\…) aren't for db query", "tend db shell");
  // For the session, too: statements that end the transaction and begin another are none the freer for it.
  const begin = options.write ? "begin;" : "set session characteristics as transaction read only; begin;";
  const argv = [
    "psql",
    "--no-psqlrc",
    "--quiet",
    "--set=ON_ERROR_STOP=1",
    ...(options.csv ? ["--csv"] : []),
    "--username",
    database.user,
    "--dbname",
    database.database,
  ];
  return sh`printf '%s\n' ${begin} ${`${sql};`} 'commit;' | ${inContainerReading(database, ...argv)}`;
}

/** The database and its extensions, where they are missing; whatever the cluster's init scripts did long ago. */
export function create(database: PostgresDatabase): readonly Script[] {
  const owner = database.owner ?? database.user;
  const sql = `select format('create database %I template template0 owner %I', ${text(database.database)}, ${text(owner)})
where not exists (select from pg_catalog.pg_database where datname = ${text(database.database)}) \\gexec`;
  return [psql(database, sql, "template1"), ...extensions(database, database.database)];
}

export function extensions(database: PostgresDatabase, name: string): readonly Script[] {
  if (database.extensions.length === 0) return [];
  return [
    psql(
      database,
      database.extensions.map((extension) => `create extension if not exists ${ident(extension)};`).join("\n"),
      name,
    ),
  ];
}

/** A copy of what is live, made of a dump that is never written down; or of its schema alone. */
export function copyTo(database: PostgresDatabase, name: string, rows: boolean): readonly Script[] {
  const dump = [
    "pg_dump",
    "--username",
    database.user,
    "--dbname",
    database.database,
    "--format=custom",
    "--compress=0",
    ...(rows ? [] : ["--schema-only"]),
  ];
  const restore = ["pg_restore", "--username", database.user, "--dbname", name, "--exit-on-error", "--no-password"];
  return [
    createLike(database, name),
    sh`status=$({ { ${inContainer(database, ...dump)} || echo dump >&3; } | ${inContainerReading(database, ...restore)} >&2 || echo restore >&3; } 3>&1)
[ -z "$status" ] || { echo "error: the copy failed: $status" >&2; exit 1; }`,
  ];
}

/** The owner's URL without its password, as a container of the database's network would use it. */
export function url(database: PostgresDatabase, name: string, owner: string): string {
  return `postgresql://${owner}@${database.container}:5432/${name}`;
}
