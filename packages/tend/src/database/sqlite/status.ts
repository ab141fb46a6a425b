import { NOTHING_YET } from "../../plan/plan.ts";
import { lines, type Script, sh } from "../../transport/argv.ts";
import { $ } from "./site.ts";

/** How the scripts of a SQLite database end when not with 0. Each says why in one line on stderr. */
export const SQLITE_STATUS = {
  failed: 1,
  /** There is no database yet, or one of 0 bytes. Not an error. */
  nothing: NOTHING_YET,
  notSqlite: 41,
  locked: 42,
  damaged: 43,
  noSpace: 44,
  /** Nothing here can read it while the app runs: the app has to be stopped, for a plain copy. */
  needsStop: 45,
  unreachable: 46,
  /** A container that mounts it runs, or somebody has it open. */
  inUse: 47,
  /** Locked by nobody, and yet not done in time. */
  late: 48,
  /** What came isn't what was sent. */
  incomplete: 49,
  /** A stopped app left a log that only SQLite can fold in. */
  needsTool: 50,
} as const;

const S = SQLITE_STATUS;

/**
 * `tend_told COMMAND…`: what it writes to stdout stays there; of its stderr, lines of JSON go to fd 3, and what went
 * wrong becomes one line and a status. SQLite says the same in every tool, so this is the one place that knows its words.
 */
export function judge(seconds: number): Script {
  return lines([
    sh`tend_end() { printf '%s\n' "$2" >&2; return "$1"; }
tend_told() {
  { { "$@"; printf '\nstatus: %s\n' "$?" >&2; } 2>&1 >&4 4>&- | tend_heard 4>&-; } 4>&1
}
tend_heard() {
  tend_exit=1 tend_said= tend_last=
  while IFS= read -r tend_line || [ -n "$tend_line" ]; do
    case $tend_line in
    '{'*) printf '%s\n' "$tend_line" >&3 || return ${S.failed} ;;
    'trouble: '*) tend_said="${$}{tend_line#trouble: }" ;;
    'warning: '*) printf '%s\n' "$tend_line" >&2 ;;
    'status: '*) tend_exit="${$}{tend_line#status: }" ;;
    ?*) tend_last=$tend_line ;;
    esac
  done
  [ "$tend_exit" != 0 ] || return 0
  tend_verdict "${$}{tend_said:-$tend_last}"
}`,
    sh`tend_verdict() {
  case $1 in
  'no such file') tend_end ${S.nothing} "nothing to back up: $tend_shown isn't there yet" ;;
  empty) tend_end ${S.nothing} "nothing to back up: $tend_shown is empty (0 bytes)" ;;
  deadline) tend_end ${S.late} "error: $tend_shown could not be copied within ${seconds} s" ;;
  incomplete*) tend_end ${S.incomplete} "error: the copy of $tend_shown is $1" ;;
  'a log is left') tend_end ${S.needsTool} "error: the app left a log beside $tend_shown that only SQLite can fold in: declare a helper image that has sqlite3, python3 or node" ;;
  'still written') tend_end ${S.inUse} "error: $tend_shown was written while it was copied: something still has it open" ;;
  *' is locked'*|*busy*) tend_end ${S.locked} "error: $tend_shown was locked for ${seconds} s: something holds a transaction open" ;;
  *'not a database'*) tend_end ${S.notSqlite} "error: $tend_shown isn't a SQLite database, or it is encrypted" ;;
  damaged*|*malformed*) tend_end ${S.damaged} "error: $tend_shown is damaged: ${$}{1#damaged: }" ;;
  *' is full'*|*'o space left'*|*'uota exceeded'*) tend_end ${S.noSpace} "error: no space for a copy of $tend_shown: $1" ;;
  *'ermission denied'*|*'unable to open'*|*'readonly database'*|*'ead-only file system'*) tend_end ${S.unreachable} "error: $tend_shown can't be opened: $1" ;;
  *) tend_end ${S.failed} "error: $tend_shown: ${$}{1:-${$}{tend_tool:-sh} ended with status $tend_exit}" ;;
  esac
}`,
  ]);
}
