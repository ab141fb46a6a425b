import { lines, type Script, sh } from "../../transport/argv.ts";
import { QUERIES } from "./about.ts";
import { CLI } from "./cli.ts";
import { ground } from "./ground.ts";
import { NODE } from "./node.ts";
import { PYTHON } from "./python.ts";
import { $, passing, SQLITE_DEADLINE, type SqliteSite } from "./site.ts";
import { SQLITE_STATUS } from "./status.ts";

/**
 * Finds the tool that can read the database, and where. First in a running container that has it mounted, as that
 * container's user; then on the host, by whoever owns the file or root, so that the log that SQLite keeps beside it stays
 * the app's; then in the image of a stopped container; then in the declared one. Afterwards `tend_sqlite VERB SUFFIX`
 * does it, or ends with `needsStop`.
 */
export function sqliteTool(site: SqliteSite): Script {
  return lines([ground(site), tools(site), places(site)]);
}

function tools(site: SqliteSite): Script {
  const rest = sh`"$2" ${passing(site)} ${site.deadline ?? SQLITE_DEADLINE}`;
  const queries = JSON.stringify(QUERIES);
  return sh`tend_with() { # verb, path
  case $tend_tool in
  python3) tend_in python3 -IS -c ${PYTHON} "$1" ${rest} ${queries} ;;
  node) tend_in node --no-warnings -e ${NODE} "$1" ${rest} ${queries} ;;
  sqlite3) tend_in sh -c ${CLI} sqlite3 "$1" ${rest} ${QUERIES.schema} ${QUERIES.counts} ;;
  esac
}
tend_sqlite() { # verb, what follows the path
  [ -n "$tend_tool" ] || { tend_without_tool; return; }
  tend_told tend_with "$1" "$tend_path$2"
}
tend_without_tool() {
  case $(ls -d "$tend_real" 2>&1) in *'o such file'*) tend_verdict 'no such file'; return ;; esac
  [ ! -r "$tend_real" ] || [ -s "$tend_real" ] || { tend_verdict empty; return; }
  printf 'needs-stop\n' >&2
  tend_end ${SQLITE_STATUS.needsStop} "error: nothing here can read $tend_shown while the app runs: its containers have neither python3, node 22.5 nor sqlite3, and the host hasn't either, or isn't the file's owner"
}
tend_try() {
  tend_where=$1
  for tend_tool in python3 node sqlite3; do
    tend_answer=$(tend_with probe "$tend_path" 2>&1 </dev/null) && return
    # It works, and says that there is nothing yet.
    case $tend_answer in *'trouble: no such file'*|*'trouble: empty'*) return ;; esac
  done
  tend_tool=
  return 1
}`;
}

function places(site: SqliteSite): Script {
  const { helper } = site.database;
  return sh`tend_try_exec() { # a container, as tend_keepers tells of it
  [ "$2" = running ] && [ "$6" = "$tend_wanted" ] || return 1
  tend_container=$1 tend_path=$5
  tend_try exec
}
tend_may_host() {
  if [ -e "$tend_real" ]; then
    [ -r "$tend_real" ] || return 1
    [ "$(id -u)" = 0 ] || [ "$(stat -L -c %u "$tend_real" 2>/dev/null)" = "$(id -u)" ] || return 1
  fi
  ! tend_keepers tend_is_apart
}
# What runs in another kernel (Docker Desktop) doesn't see the host's locks.
tend_is_apart() { [ "$2" = running ] && [ "$(uname -s)" != Linux ] || tend_has_log "$@"; }
tend_try_image() { # a container, as tend_keepers tells of it
  [ "$2" != running ] && ! tend_has_log "$@" || return 1
  tend_image=$4 tend_as="${$}{3:-0}"
  tend_mount_folder
  tend_try run
}
tend_owner() { stat -L -c %u:%g "$tend_real" 2>/dev/null || stat -c %u:%g "$(dirname "$tend_real")" 2>/dev/null || echo 0; }
tend_choose() {
  for tend_wanted in true false; do tend_keepers tend_try_exec && return; done
  tend_path=$tend_real
  tend_may_host && tend_try host && return
  tend_keepers tend_try_image && return
${
  helper === undefined
    ? sh`  return 1`
    : sh`  tend_keepers tend_has_log && return 1
  tend_image=${helper} tend_as=$(tend_owner)
  tend_mount_folder
  tend_try run`
}
}
tend_choose || tend_tool=`;
}
