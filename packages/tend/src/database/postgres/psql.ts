import type { PostgresDatabase } from "../../model/data.ts";
import { command, type Script, sh } from "../../transport/argv.ts";

/**
 * The tools inside the database's own container are used, as its own superuser over its own socket: they are of the
 * server's version, and no port or password is needed. Never with `-t`: a terminal turns LF into CRLF, and pg_restore
 * then ends 0 and has restored nothing.
 *
 * Each is the container's only process of ours: what `docker exec` starts has no parent in there, and a child of it that
 * loses its own becomes PostgreSQL's, which restarts the whole server when a stranger among its children is killed.
 */
export function inContainer(database: PostgresDatabase, ...argv: readonly string[]): Script {
  return command(["docker", "exec", database.container, ...argv]);
}

/** With what the script gives it on stdin. */
export function inContainerReading(database: PostgresDatabase, ...argv: readonly string[]): Script {
  return command(["docker", "exec", "--interactive", database.container, ...argv]);
}

const PSQL = ["psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"];

/** psql as tend uses it: unformatted, ended by the first error. */
export function psqlArgv(database: PostgresDatabase, name: string = database.database): readonly string[] {
  return [...PSQL, "--username", database.user, "--dbname", name];
}

/** Statements, each in a transaction of its own unless they say otherwise; by stdin, so that nothing shows in a process list. */
export function psql(database: PostgresDatabase, sql: string, name?: string): Script {
  return sh`printf '%s\n' ${sql} | ${inContainerReading(database, ...psqlArgv(database, name))}`;
}

/** An identifier in SQL. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in SQL. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
