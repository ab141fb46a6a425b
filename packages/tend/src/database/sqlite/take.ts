import { lines, type Script, sh } from "../../transport/argv.ts";
import { type SqliteFile, type SqliteSite, suffix } from "./site.ts";
import { sqliteTool } from "./tool.ts";

/**
 * A copy of the live database, of one moment whoever writes meanwhile: checked, then written to stdout; what there is to
 * tell of it goes to descriptor 3, as lines of about.jsonl. Ends 0 only when both are complete.
 */
export function take(site: SqliteSite): Script {
  return lines([sqliteTool(site), sh`tend_sqlite take '' </dev/null`]);
}

/** Reads a payload from stdin and ends 0 if it is a whole database; prints the same lines about it as `take`. */
export function check(site: SqliteSite): Script {
  return lines([sqliteTool(site), sh`tend_sqlite check '' 3>&1`]);
}

/** Prints the same lines about a database that is there. */
export function inspect(site: SqliteSite, file: SqliteFile = "live"): Script {
  const verb = file === "live" || file === "before" ? "live" : "settled";
  return lines([sqliteTool(site), sh`tend_sqlite ${verb} ${suffix(file, site.run)} 3>&1 </dev/null`]);
}
