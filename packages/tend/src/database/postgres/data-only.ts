import type { PostgresDatabase } from "../../model/data.ts";
import { type Script, sh } from "../../transport/argv.ts";
import { ROWS_ALONE } from "./about.ts";
import { ident, inContainerReading, psql, text } from "./psql.ts";
import { sequencesBehind } from "./replace.ts";

/**
 * Reads an archive from stdin and loads the rows of its tables, but for those named: in one transaction, with triggers
 * at rest, foreign keys among them. What is loaded is picked from the archive's own table of contents, which takes a file.
 */
export function loadRows(database: PostgresDatabase, without: readonly string[], run: string): Script {
  const restore = [
    "pg_restore",
    "--username",
    database.user,
    "--dbname",
    database.database,
    "--no-password",
    "--data-only",
    "--disable-triggers",
    "--single-transaction",
    "--exit-on-error",
  ];
  const file = `/tmp/.tend-${run}`;
  const left = without.map((table) => ` TABLE DATA ${table.replace(".", " ")} `);
  const inside = sh`umask 077
file=${file}
trap 'rm -f "$file" "$file.list"' EXIT
cat >"$file" && pg_restore --list "$file" >"$file.list" || exit 1
for left in ${left.length > 0 ? left : ["\n"]}; do grep -v -F -e "$left" "$file.list" >"$file.kept"; mv "$file.kept" "$file.list"; done
${restore} --use-list "$file.list" "$file"`;
  return inContainerReading(database, "sh", "-c", inside.text);
}

/** Whoever wrote since it was looked at has rows in there that nothing may be loaded over. */
export function stillEmpty(database: PostgresDatabase, tables: readonly string[]): Script {
  const sql = tables.map((table) => `select ${text(table)} where exists (select from ${tableIn(table)});`).join("\n");
  return sh`filled=$( ${psql(database, sql)}) || exit 1
[ -z "$filled" ] || { printf 'error: %s has rows by now\n' "$filled"; exit 1; }`;
}

/** What was loaded into tables that were empty goes again. */
export function emptyAgain(database: PostgresDatabase, tables: readonly string[]): Script {
  const sql = tables.map((table) => `delete from ${tableIn(table)};`).join("\n");
  return psql(database, `begin;\nset local session_replication_role = replica;\n${sql}\ncommit;`);
}

/** `public.users` as SQL has it; a schema's name with a dot in it is nobody's. */
function tableIn(table: string): string {
  const at = table.indexOf(".");
  return `only ${ident(table.slice(0, at))}.${ident(table.slice(at + 1))}`;
}

/** Every table but those named has the rows that the backup tells of; every sequence is past its column. */
export function rowsAfter(
  database: PostgresDatabase,
  told: string,
  found: string,
  without: readonly string[],
): readonly Script[] {
  const left = without.map((table) => `${JSON.stringify({ rows: table.split(".") }).slice(0, -1)},`);
  return [
    sh`${psql(database, ROWS_ALONE)} | awk '/^\{"rows"/' | sort >${found}`,
    sh`sort ${told} | comm -3 - ${found} | grep -v -F -e ${left.length > 0 ? left.join("\n") : "no table"} | sed 's/^/error: differs: /' | { ! grep . ; }`,
    sequencesBehind(database, database.database),
  ];
}
