import { lines, type Script, sh } from "../../transport/argv.ts";
import { program } from "./program.ts";
import { reach } from "./reach.ts";
import { type SqliteFile, type SqliteSite, suffix } from "./site.ts";

/** Takes away what stands beside the live database, and never what the live name leads to. */
export function discard(site: SqliteSite, file: Exclude<SqliteFile, "live">): Script {
  return lines([reach(site), sh`tend_reach && tend_files ${DISCARD} ${suffix(file, site.run)} </dev/null`]);
}

const DISCARD = program(sh`[ ! -L "$path" ] || trouble 'in the middle of a swap: finish it, or take it back, first'
for side in -wal -shm -journal .part .none ''; do rm -f "$path$1$side" || exit 1; done
durable "$folder"`);
