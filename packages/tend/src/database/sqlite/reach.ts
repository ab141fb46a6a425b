import { lines, type Script, sh } from "../../transport/argv.ts";
import { ground } from "./ground.ts";
import type { SqliteSite } from "./site.ts";
import { SQLITE_STATUS } from "./status.ts";

/**
 * How files beside the database are touched: by the host's user where the folder and what is in it are its own, or as
 * root in a container that has nothing else and no network: the app's own image is there, and has a shell in most cases.
 * `tend_files PROGRAM ARGUMENTS…` runs a program with the database's path and these arguments, there.
 */
export function reach(site: SqliteSite): Script {
  return lines([ground(site), reachFromGround(site)]);
}

/** The same where the ground is laid already, as `sqliteTool` does: the containers are asked about once. */
export function reachFromGround(site: SqliteSite): Script {
  const { helper } = site.database;
  return sh`tend_may_touch() {
  [ -n "$tend_real" ] || return 1
  tend_folder=$(dirname "$tend_real")
  [ -w "$tend_folder" ] && [ -x "$tend_folder" ] || return 1
  [ "$(id -u)" = 0 ] && return
  tend_file=$tend_real
  [ -e "$tend_file" ] || tend_file=$tend_folder
  # Who doesn't own a log may not give it another name either.
  for tend_file in "$tend_file" "$tend_real"-wal "$tend_real"-shm "$tend_real"-journal; do
    [ ! -e "$tend_file" ] || [ "$(stat -L -c %u "$tend_file")" = "$(id -u)" ] || return 1
  done
}
tend_has_shell() { # an image
  tend_image=$1
  tend_run sh -c : >/dev/null 2>&1 </dev/null
}
tend_has_shell_of() { tend_has_shell "$4"; }
tend_reach() {
  tend_where=host tend_path=$tend_real
  tend_may_touch && return
  tend_where=run tend_as=0
  tend_mount_folder
  tend_keepers tend_has_shell_of && return
${site.image === undefined ? sh`  :` : sh`  tend_has_shell ${site.image} && return`}
${helper === undefined ? sh`  :` : sh`  tend_has_shell ${helper} && return`}
  tend_end ${SQLITE_STATUS.unreachable} "error: the folder of $tend_shown can't be written: it isn't this user's, and no image of the app has a shell"
}
tend_is_running() { case $2 in running|restarting|paused) tend_busy=$1; return 0 ;; esac; return 1; }
tend_stopped() {
  ! tend_keepers tend_is_running || { tend_end ${SQLITE_STATUS.inUse} "error: $tend_busy has $tend_shown mounted and is still running"; return; }
  ! tend_is_open || tend_end ${SQLITE_STATUS.inUse} "error: something on the host still has $tend_shown open"
}
# SQLite keeps a lock as long as it has a database open with its log; the kernel tells whoever asks.
tend_is_open() {
  tend_device=$(stat -L -c %d "$tend_real" 2>/dev/null) || return 1
  grep -q " $(printf '%02x:%02x' $(( tend_device >> 8 & 4095 )) $(( tend_device & 255 | tend_device >> 12 & 1048320 ))):$(stat -L -c %i "$tend_real") " /proc/locks 2>/dev/null
}
tend_files() {
  tend_program=$1; shift
  tend_told tend_in sh -c "$tend_program" sh "$tend_path" "$@" 3>&1
}`;
}
