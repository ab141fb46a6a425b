import { lines, type Script, sh } from "../../transport/argv.ts";
import { program } from "./program.ts";
import { reach } from "./reach.ts";
import { type SqliteSite, suffix } from "./site.ts";

/** An empty file beside the live one, with its owner and mode: to SQLite, a database without tables. */
export function placeEmpty(site: SqliteSite): Script {
  return lines([reach(site), sh`tend_reach && tend_files ${EMPTY} ${suffix("placed", site.run)} </dev/null`]);
}

const EMPTY = program(sh`new=$path$1
[ ! -L "$path" ] || trouble 'in the middle of a swap: finish it, or take it back, first'
umask 077
: >"$new" || exit 1
if [ -e "$path" ]; then like=$path; chmod "$(stat -c %a "$path")" "$new" || exit 1; else like=$folder; fi
[ "$(id -u)" != 0 ] || chown "$(stat -c %u:%g "$like")" "$new" || exit 1
durable "$new"
durable "$folder"`);
