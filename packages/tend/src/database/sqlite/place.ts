import { lines, type Script, sh } from "../../transport/argv.ts";
import { program } from "./program.ts";
import { reach } from "./reach.ts";
import { type SqliteSite, suffix } from "./site.ts";

/** What is to arrive. */
export interface Expected {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Reads a payload from stdin into a file beside the live one, with the live one's owner and mode. It has its name only
 * when all of it has arrived and is on the disk. Of 0 bytes, it is an empty database.
 */
export function place(site: SqliteSite, expected: Expected): Script {
  const { bytes, sha256 } = expected;
  return lines([reach(site), sh`tend_reach && tend_files ${PLACE} ${suffix("placed", site.run)} ${bytes} ${sha256}`]);
}

const PLACE = program(sh`new=$path$1 part=$path$1.part bytes=$2 sum=$3
[ ! -L "$path" ] || trouble 'in the middle of a swap: finish it, or take it back, first'
trap 'rm -f "$part"' EXIT
trap 'exit 143' TERM HUP INT
trap '' PIPE
umask 077
free=$(df -Pk "$folder" | { read -r _; read -r _ _ _ free _; echo "$free"; })
[ "$free" -gt $(( bytes / 1024 + 1024 )) ] || trouble 'the disk is full'
cat >"$part" || exit 1
[ "$(stat -c %s "$part")" = "$bytes" ] || trouble "incomplete: $(stat -c %s "$part") of $bytes bytes arrived"
[ "$(sha256sum <"$part" | cut -d ' ' -f 1)" = "$sum" ] || trouble 'incomplete: its sha256 is another one'
[ "$bytes" = 0 ] || [ "$(head -c 15 "$part")" = 'SQLite format 3' ] || trouble 'file is not a database'
if [ -e "$path" ]; then like=$path; chmod "$(stat -c %a "$path")" "$part" || exit 1; else like=$folder; fi
[ "$(id -u)" != 0 ] || chown "$(stat -c %u:%g "$like")" "$part" || exit 1
durable "$part"
mv -f "$part" "$new" && durable "$folder"`);
