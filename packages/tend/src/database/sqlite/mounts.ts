import { lines, type Script, sh } from "../../transport/argv.ts";
import { $, declaredPath, type SqliteSite } from "./site.ts";

/** One line for each thing that matters, since anything but a line's end may stand in a path. */
const FORMAT =
  `{{println "container" .Name}}{{println "status" .State.Status}}{{println "user" .Config.User}}{{println "image" .Image}}` +
  `{{println "project" (index .Config.Labels "com.docker.compose.project")}}` +
  `{{range .Mounts}}{{println "type" .Type}}{{println "name" .Name}}{{println "source" .Source}}{{println "target" .Destination}}{{println "writable" .RW}}{{end}}{{println "end"}}`;

/**
 * Where the file is, as far as the host and its containers tell: `tend_real` is its path on the host, `tend_shown` what
 * people call it, and `tend_keepers COMMAND…` calls COMMAND for every container that has it mounted, with the container,
 * its status, user and image, the path inside, whether it may write there, and whether the file alone is mounted.
 */
export function findMounts(site: SqliteSite): Script {
  const { database, containers, project = "" } = site;
  const volume = database.volume ?? "";
  return lines([
    sh`tend_declared=${declaredPath(database)} tend_volume=${volume} tend_shown=${declaredPath(database)}
[ -z "$tend_volume" ] || tend_shown="$tend_declared in the volume $tend_volume"
tend_resolved() { readlink -f "$1" 2>/dev/null || printf '%s\n' "$1"; }
tend_inspected=`,
    containers.length > 0 ? sh`tend_inspected=$(docker container inspect --format ${FORMAT} ${containers} 2>/dev/null)` : sh`:`,
    sh`tend_real=
if [ -z "$tend_volume" ]; then
  tend_base=$(basename "$tend_declared")
  tend_real=$(tend_resolved "$(dirname "$tend_declared")")/$tend_base
  # In the middle of a swap its name leads to one of tend's own, beside it.
  case $(readlink "$tend_real") in ''|"$tend_base".before-*|"$tend_base".tend-*) ;; *) tend_real=$(tend_resolved "$tend_real") ;; esac
else
  tend_source=$(printf '%s\n' "$tend_inspected" | while IFS= read -r tend_line; do
    case $tend_line in
    'project '*) tend_project="${$}{tend_line#project }" ;;
    'name '*) tend_name="${$}{tend_line#name }" ;;
    'source '*) case $tend_name in "$tend_volume"|"${$}{tend_project}_$tend_volume") printf '%s\n%s\n' "$tend_name" "${$}{tend_line#source }"; break ;; esac ;;
    esac
  done)
  [ -n "$tend_source" ] || for tend_name in "$tend_volume" ${project}_"$tend_volume"; do
    tend_source=$(docker volume inspect --format '{{.Name}}{{println}}{{.Mountpoint}}' "$tend_name" 2>/dev/null) && break
  done
  [ -z "$tend_source" ] || { tend_volume=$(printf '%s\n' "$tend_source" | head -n 1); tend_real=$(printf '%s\n' "$tend_source" | tail -n 1)/$tend_declared; }
fi
# Prints the path under the second one that the file has which is at the first one: nothing when it isn't there.
tend_under() { # the mount's source, its target, the file
  [ "$1" != "$3" ] || { printf '%s\n' "$2"; return; }
  case $3 in "${$}{1%/}"/*) printf '%s/%s\n' "${$}{2%/}" "${$}{3#"${$}{1%/}"/}" ;; esac
}
tend_inside() { # type, name, source, target
  if [ -n "$tend_volume" ]; then
    [ "$1" = volume ] && [ "$2" = "$tend_volume" ] && printf '%s/%s\n' "${$}{4%/}" "$tend_declared"
    return
  fi
  tend_found=$(tend_under "$3" "$4" "$tend_declared")
  [ -n "$tend_found" ] || tend_found=$(tend_under "$(tend_resolved "$3")" "$4" "$tend_real")
  printf '%s' "$tend_found"
}`,
    sh`tend_keepers() {
  [ -n "$tend_inspected" ] || return 1
  tend_targets= tend_inner=
  while IFS= read -r tend_line <&6; do
    tend_value="${$}{tend_line#* }"
    case $tend_line in
    'container '*) tend_name="${$}{tend_value#/}" tend_targets= tend_inner= tend_outer= ;;
    'status '*) tend_status=$tend_value ;;
    'user '*) tend_user=$tend_value ;;
    'image '*) tend_image=$tend_value ;;
    'type '*) tend_type=$tend_value ;;
    'name '*) tend_mount=$tend_value ;;
    'source '*) tend_source=$tend_value ;;
    'target '*) tend_target=$tend_value tend_targets="$tend_targets$tend_value
" ;;
    'writable '*)
      tend_here=$(tend_inside "$tend_type" "$tend_mount" "$tend_source" "$tend_target")
      [ -z "$tend_here" ] || tend_inner=$tend_here tend_outer=$tend_target tend_writable=$tend_value ;;
    end)
      [ -n "$tend_inner" ] && ! tend_shadowed || continue
      tend_alone=; [ "$tend_inner" != "$tend_outer" ] || tend_alone=alone
      "$@" "$tend_name" "$tend_status" "$tend_user" "$tend_image" "$tend_inner" "$tend_writable" "$tend_alone" && return 0 ;;
    esac
  done 6<<END
$tend_inspected
END
  return 1
}
# Another mount, deeper than the one it was found by, has another file at that path.
tend_shadowed() {
  while IFS= read -r tend_other; do
    case $tend_other in "$tend_outer"/*) ;; *) continue ;; esac
    case $tend_inner in "$tend_other"|"$tend_other"/*) return 0 ;; esac
  done <<END
$tend_targets
END
  return 1
}`,
  ]);
}
