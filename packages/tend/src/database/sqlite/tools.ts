import type { SqliteDatabase } from "../../model/data.ts";
import { lines, type Script, sh } from "../../transport/argv.ts";
import type { Keepers } from "../engine.ts";
import { sqliteTool } from "./tool.ts";

/** The shell of whichever tool there is that has one. */
export function shell(database: SqliteDatabase, keepers: Keepers, tty: boolean): Script {
  const flags = tty ? "-it" : "-i";
  return lines([
    sqliteTool({ database, ...keepers }),
    sh`if tend_in sh -c 'command -v sqlite3' >/dev/null 2>&1; then set -- sqlite3 "$tend_path"
elif tend_in python3 -c 'import sqlite3.__main__' >/dev/null 2>&1; then set -- python3 -m sqlite3 "$tend_path"
else echo ${`error: there is no sqlite3 and no Python 3.12 that reads ${database.path}; tend db query asks it by other means`} >&2; exit 1
fi
case $tend_where in exec) exec docker exec ${flags} "$tend_container" "$@" ;; host) exec "$@" ;; esac
echo 'error: no container that has the file runs' >&2
exit 1`,
  ]);
}

/** Statements, answered as CSV; nothing can be changed unless `write` says so. */
export function query(
  database: SqliteDatabase,
  keepers: Keepers,
  sql: string,
  options: { readonly csv: boolean; readonly write: boolean },
): Script {
  const mode = options.write ? "rw" : "ro";
  const between = options.csv ? "," : "|";
  return lines([
    sqliteTool({ database, ...keepers }),
    sh`case $tend_tool in
python3) tend_in python3 -I -c ${PYTHON} "$tend_path" ${mode} ${sql} ${between} ;;
node) tend_in node --no-warnings -e ${NODE} "$tend_path" ${mode} ${sql} ${between} ;;
sqlite3) tend_in sqlite3 -batch ${options.write ? [] : ["-readonly"]} ${options.csv ? ["-csv", "-header"] : []} "$tend_path" ${sql} ;;
*) tend_without_tool ;;
esac </dev/null`,
  ]);
}

const PYTHON = `
import csv, sqlite3, sys
path, mode, sql, between = sys.argv[1:]
db = sqlite3.connect("file:" + path.replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?mode=" + mode, uri=True, timeout=10)
out = csv.writer(sys.stdout, delimiter=between, lineterminator="\\n")
try:
    found = db.execute(sql)
    if found.description:
        if between == ",": out.writerow([column[0] for column in found.description])
        out.writerows(found)
    db.commit()
except sqlite3.Error as error:
    sys.exit("error: " + str(error))
`;

const NODE = `
const { DatabaseSync } = require("node:sqlite");
const [path, mode, sql, between] = process.argv.slice(1);
const text = (value) => value === null ? "" : String(value);
const cell = (value) => /["\\n|,]/.test(text(value)) ? '"' + text(value).replaceAll('"', '""') + '"' : text(value);
try {
  const db = new DatabaseSync(path, { readOnly: mode === "ro" });
  db.exec("pragma busy_timeout = 10000");
  const rows = db.prepare(sql).all();
  if (between === "," && rows.length > 0) console.log(Object.keys(rows[0]).map(cell).join(between));
  for (const row of rows) console.log(Object.values(row).map(cell).join(between));
} catch (error) {
  console.error("error: " + error.message);
  process.exitCode = 1;
}
`;
