import { lines, type Script, sh } from "../../transport/argv.ts";
import { program } from "./program.ts";
import { reach } from "./reach.ts";
import type { SqliteSite } from "./site.ts";

/**
 * The plain copy of a stopped app's database, for where `take` ends with `needsStop`: to stdout, the journal's mode to
 * descriptor 3. A log with something in it belongs to the database, and only SQLite can fold it in: then there is no copy.
 */
export function takeStopped(site: SqliteSite): Script {
  return lines([reach(site), sh`tend_stopped && tend_reach && tend_told tend_in sh -c ${PLAIN} sh "$tend_path" </dev/null`]);
}

const PLAIN = program(sh`if [ ! -e "$path" ]; then
  case $(ls -d "$path" 2>&1) in *'o such file'*) trouble 'no such file' ;; esac
  trouble 'permission denied'
fi
[ -s "$path" ] || trouble empty
[ "$(head -c 15 "$path")" = 'SQLite format 3' ] || trouble 'file is not a database'
[ ! -s "$path"-wal ] || trouble 'a log is left'
# A journal whose beginning is zeros is one that SQLite keeps for the next time.
[ "$(od -An -v -tx1 -N8 "$path"-journal 2>/dev/null | tr -d ' 0\n')" = '' ] || trouble 'a log is left'
seen() { stat -c '%s %Y %i' "$path"; }
before=$(seen)
case $(od -An -tu1 -j18 -N1 "$path") in *2) mode=wal ;; *) mode=delete ;; esac
cat "$path" || exit 1
[ "$before" = "$(seen)" ] || trouble 'still written'
printf '{"journal":"%s"}\n' $mode >&2`);
