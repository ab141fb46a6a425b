import { sh } from "../../transport/argv.ts";
import { $ } from "./site.ts";

/**
 * The same by the sqlite3 command. Its `.backup` goes by steps, and begins again whenever somebody wrote between two of
 * them; inside a transaction that reads it doesn't see what others write, and so never does. (VACUUM INTO, the other way
 * in one step, forgets the journal's mode and needs every collation that the app brings along.)
 */
export const CLI = sh`verb=$1 path=$2 name=$3 seconds=$4 schema=$5 counts=$6
real=$(readlink -f "$path") || real=$path
folder=$(dirname "$real") copied= alone= how=-readonly
say() { printf '%s\n' "$1" >&2; }
trouble() { say "trouble: $(printf '%s' "$1" | tr '\n' ' ')"; exit 1; }
clear() { rm -f "$1" "$1"-wal "$1"-shm "$1"-journal; }
lite() { sqlite3 -batch -bail -noheader -init /dev/null "$@"; }
wait_for() { printf '.timeout %d' $(( seconds * 100 )); }
settled() { printf 'file://%s?immutable=1' "$(printf '%s' "$1" | sed 's/%/%25/g; s/?/%3f/g; s/#/%23/g')"; }
size() {
  if [ ! -e "$path" ]; then
    case $(ls -d "$path" 2>&1) in *'o such file'*) trouble 'no such file' ;; esac
    trouble 'permission denied'
  fi
  [ -s "$path" ] || trouble empty
  need=$(stat -c %s "$real")
  [ ! -e "$real"-wal ] || need=$(( need + $(stat -c %s "$real"-wal) ))
}
reserve() {
  full=
  for place in "$@"; do
    [ -n "$place" ] && [ -w "$place" ] && [ -x "$place" ] || continue
    # What a killed run left: a day old, it is nobody's.
    find "$place" -maxdepth 1 -name '.tend-r*' -type f -mmin +1440 -exec rm -f {} + 2>/dev/null
    free=$(df -Pk "$place" | { read -r _; read -r _ _ _ free _; echo "$free"; })
    [ "$free" -gt $(( need / 1024 + 1024 )) ] || { full=1; continue; }
    copied=$place/$name
    rm -f "$copied" && ( umask 077; set -C; : >"$copied" ) 2>/dev/null && return
    copied=
  done
  [ -z "$full" ] || trouble 'disk is full'
  trouble 'permission denied: no folder to write a copy to'
}
opened() {
  for how in -readonly ''; do
    said=$(lite $how -cmd "$(wait_for)" "$path" 'SELECT count(*) FROM sqlite_master' 2>&1)
    # A journal that a crash left is rolled back by the first who may write.
    case $said in *readonly*) ;; *) break ;; esac
  done
  how=-readonly
}
attempt() {
  said=$(cd "$place" && printf '%s\n' BEGIN\; 'SELECT count(*) FROM sqlite_master;' ".backup $name" COMMIT\; |
    timeout -s KILL "$left" sqlite3 -batch -bail -init /dev/null $1 -cmd "$(wait_for)" "$path" 2>&1 >/dev/null)
}
# Who may only read leaves an empty log behind where there was none; who may write takes it away.
alone() { [ -e "$real"-wal ] || alone=1; }
tidy() { [ -z "$alone" ] || [ ! -e "$real"-wal ] || lite "$path" 'SELECT count(*) FROM sqlite_master' >/dev/null 2>&1; }
copy() {
  end=$(( $(date +%s) + seconds )) how=-readonly
  while :; do
    left=$(( end - $(date +%s) ))
    [ $left -gt 0 ] || trouble "${$}{said:-deadline}"
    attempt $how && return 0
    [ $? != 137 ] || trouble deadline
    case $said in
    *' is locked'*) sleep 0.1 ;;
    *readonly*) [ -n "$how" ] || trouble "$said"; how= ;;
    *) trouble "$said" ;;
    esac
  done
}
sound() {
  said=$(lite $how -cmd "$(wait_for)" "$1" 'PRAGMA integrity_check(1)' 2>&1)
  case $said in
  ok) ;;
  *'no such collation'*|*'no such function'*|*'unknown function'*|*'no such module'*) say "warning: indexes weren't checked: $(printf '%s' "$said" | head -n 1)" ;;
  *' is locked'*|*'not a database'*|*'unable to open'*) trouble "$said" ;;
  *) trouble "damaged: $said" ;;
  esac
}
about() { # the database as sqlite3 is to open it, its file
  sound "$1"
  version=$(lite $how "$1" 'SELECT sqlite_version()') || trouble "$version"
  say "{\"version\":\"SQLite $version\"}"
  say "{\"version\":\"sqlite3 $version\"}"
  case $(od -An -tu1 -j18 -N1 "$2") in *2) say '{"journal":"wal"}' ;; *) say '{"journal":"delete"}' ;; esac
  lite $how -cmd "$(wait_for)" "$1" "$schema" >&2 || exit 1
  counting=$(lite $how -cmd "$(wait_for)" "$1" "$counts") || exit 1
  [ -z "$counting" ] || printf '%s\n' "$counting" | lite $how -cmd "$(wait_for)" "$1" >&2 || exit 1
}
work() {
trap '[ -z "$copied" ] || clear "$copied"' EXIT
trap 'exit 143' TERM HUP INT
trap '' PIPE
case $verb in
take)
  size
  reserve "$folder" "$TMPDIR" /tmp /var/tmp
  alone
  copy
  tidy
  about "$(settled "$copied")" "$copied"
  exec 5<"$copied"
  clear "$copied"
  cat <&5
  ;;
check)
  need=0
  reserve "$TMPDIR" /tmp /var/tmp "$folder"
  cat >"$copied" || exit 1
  [ -s "$copied" ] || trouble 'incomplete: 0 bytes'
  about "$(settled "$copied")" "$copied"
  ;;
live)
  size
  alone
  opened
  about "$path" "$path"
  tidy
  ;;
settled)
  size
  about "$(settled "$path")" "$path"
  ;;
double)
  size
  reserve "$folder"
  alone
  copy
  tidy
  chmod "$(stat -c %a "$real")" "$copied" || exit 1
  [ "$(id -u)" != 0 ] || chown "$(stat -c %u:%g "$real")" "$copied" || exit 1
  about "$(settled "$copied")" "$copied"
  mv "$copied" "$real${$}{name%"${$}{name#.tend-*-}"}copy"
  ;;
probe)
  [ "$(sqlite3 :memory: 'SELECT json_array()' 2>&1)" = '[]' ] && command -v timeout >/dev/null || trouble 'sqlite3 is too old'
  size
  alone
  opened
  case $said in *'unable to open'*|*readonly*) trouble "$said" ;; esac
  tidy
  ;;
esac
}
# The work is a child's, as a shell that is killed, or whose words nobody hears, doesn't always clear up.
exec 6<&0
trap 'kill "$worker" 2>/dev/null' TERM HUP INT
trap '' PIPE
( work ) <&6 6<&- &
worker=$!
wait $worker
status=$?
while kill -0 $worker 2>/dev/null; do wait $worker; status=$?; done
for place in "$folder" "${$}{TMPDIR:-/tmp}" /tmp /var/tmp; do clear "$place/$name"; done
exit $status`.text;
