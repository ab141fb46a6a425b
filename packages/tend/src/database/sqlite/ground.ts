import { lines, type Script, sh } from "../../transport/argv.ts";
import { findMounts } from "./mounts.ts";
import { SQLITE_DEADLINE, type SqliteSite } from "./site.ts";
import { judge } from "./status.ts";

/**
 * What every script about a SQLite database begins with: where it is, and `tend_in COMMAND…`, which runs a command at
 * `tend_where`: in the container `tend_container`, on the host, or in a new container of `tend_image`.
 */
export function ground(site: SqliteSite): Script {
  return lines([
    judge(site.deadline ?? SQLITE_DEADLINE),
    findMounts(site),
    sh`tend_in() {
  case $tend_where in
  exec) docker exec -i -e NODE_OPTIONS= "$tend_container" "$@" ;;
  host) NODE_OPTIONS= "$@" ;;
  run) tend_run "$@" ;;
  esac
}
# It has the database's folder or volume, no network, and no log: the payload would be written to that.
tend_run() {
  tend_entry=$1; shift
  docker run --rm -i --network none --log-driver none -e NODE_OPTIONS= --user "$tend_as" --mount "$tend_mounting" --entrypoint "$tend_entry" "$tend_image" "$@"
}
tend_csv() { printf '"%s"' "$(printf '%s' "$1" | sed 's/"/""/g')"; }
tend_mount_folder() {
  if [ -n "$tend_volume" ]; then
    tend_mounting=type=volume,$(tend_csv "source=$tend_volume"),target=/tend tend_path=/tend/$tend_declared
  else
    tend_mounting=type=bind,$(tend_csv "source=$(dirname "$tend_real")"),target=/tend tend_path=/tend/$(basename "$tend_real")
  fi
}
# A file that is mounted alone has the log that SQLite keeps beside it in its container, where nobody else sees it.
tend_has_log() { # a container, as tend_keepers tells of it
  [ -n "$7" ] || return 1
  [ "$2" = running ] || docker cp "$1:$5-wal" - >/dev/null 2>&1 || docker cp "$1:$5-journal" - >/dev/null 2>&1
}`,
  ]);
}
