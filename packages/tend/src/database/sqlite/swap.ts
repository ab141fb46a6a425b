import { lines, type Script, sh } from "../../transport/argv.ts";
import { program } from "./program.ts";
import { reach } from "./reach.ts";
import { type SqliteSite, suffix } from "./site.ts";

/**
 * The app is stopped: the file that was placed becomes the live one, and what was live is kept beside it, with the logs
 * that belong to it. Whenever it is cut short, whoever opens the database finds the old one or the new one, whole and
 * with its own log or none; run again, it is finished. With nothing coming in, the app begins anew.
 */
export function swapIn(site: SqliteSite, incoming: "placed" | "nothing" = "placed"): Script {
  return swap(site, incoming === "placed" ? SWAP_IN : SWAP_OUT);
}

/** Undoes `swapIn`, whole or cut short. What was live in between becomes the placed file again. */
export function swapBack(site: SqliteSite): Script {
  return swap(site, SWAP_BACK);
}

function swap(site: SqliteSite, how: string): Script {
  return lines([
    reach(site),
    sh`tend_stopped && tend_reach && tend_files ${how} ${suffix("placed", site.run)} ${suffix("before", site.run)} </dev/null`,
  ]);
}

/**
 * A database is one file or up to four, and a name can only be changed one at a time. So the old one first gets its other
 * names as hard links; then the live name becomes a symbolic link to the old database, which SQLite follows for the logs
 * too, so that the logs under the live name are nobody's and can be replaced; and then the new file takes the live name.
 */
const EXCHANGE = sh`new=$path$1 old=$path$2 sides='-wal -shm -journal'
same() { [ "$(stat -c %d:%i "$1" 2>/dev/null)" = "$(stat -c %d:%i "$2" 2>/dev/null)" ]; }
leads_to() { [ -L "$path" ] && [ "$(readlink "$path")" = "$(basename "$1")" ]; }
drop_sides() { for side in $sides; do rm -f "$1$side"; done; }
link_sides() { # from, to
  drop_sides "$2"
  for side in $sides; do [ ! -e "$1$side" ] || ln "$1$side" "$2$side" || trouble "a file of it can't have a second name"; done
}
drop() { drop_sides "$1"; rm -f "$1"; }
lead_to() { # the live file's own other name
  link_sides "$path" "$1"
  rm -f "$1" && ln "$path" "$1" || trouble "a file of it can't have a second name"
  durable "$folder"
  rm -f "$path.tend-link" && ln -s "$(basename "$1")" "$path.tend-link" && mv -f "$path.tend-link" "$path" || exit 1
  durable "$folder"
}
take_live() { # the file that becomes the live one
  link_sides "$1" "$path"
  durable "$folder"
  mv -f "$1" "$path" || exit 1
  durable "$folder"
  drop_sides "$1"
  durable "$folder"
}
exchange() { # what comes in, what the live one is called afterwards
  if leads_to "$2"; then
    [ -e "$1" ] || trouble "$1 is gone"
  else
    [ ! -e "$2" ] || same "$path" "$2" || trouble "$2 is there already"
    lead_to "$2"
  fi
  take_live "$1"
}`;

const SWAP_IN = program(
  EXCHANGE,
  sh`if [ -e "$path" ] || [ -L "$path" ]; then
  if [ -e "$new" ]; then exchange "$new" "$old"
  elif [ -e "$old" ] || [ -e "$old.none" ]; then drop_sides "$new"
  else trouble 'nothing was placed'
  fi
else
  [ -e "$new" ] || trouble 'nothing was placed'
  # There was none; that there was a log without it is kept, too.
  link_sides "$path" "$old"
  : >"$old.none"
  take_live "$new"
fi`,
);

/** An empty file is exchanged for the live one, so that there is no moment at which a log has lost its database; then it goes. */
const SWAP_OUT = program(
  EXCHANGE,
  sh`if [ -L "$path" ] || { [ -e "$path" ] && { [ ! -e "$old" ] || same "$path" "$old"; }; }; then
  drop "$new"
  : >"$new" || exit 1
  exchange "$new" "$old"
fi
[ -s "$path" ] || rm -f "$path"
durable "$folder"`,
);

const SWAP_BACK = program(
  EXCHANGE,
  sh`if [ -e "$old.none" ]; then
  [ ! -e "$path" ] || [ -L "$path" ] || lead_to "$new"
  link_sides "$old" "$path"
  rm -f "$path"
  durable "$folder"
  drop_sides "$old"
  rm -f "$old.none"
elif leads_to "$old"; then
  link_sides "$old" "$path"
  durable "$folder"
  mv -f "$old" "$path" && drop_sides "$old"
elif [ -e "$old" ] && [ ! -e "$path" ] && [ ! -L "$path" ]; then
  take_live "$old"
elif [ ! -e "$old" ]; then
  # A swap that never began, or one that was taken back.
  drop_sides "$old"
elif same "$path" "$old"; then
  drop "$old"
else
  exchange "$old" "$new"
fi
rm -f "$path.tend-link"
durable "$folder"`,
);
