import type { Files } from "../../model/data.ts";
import { NOTHING_YET } from "../../plan/plan.ts";
import { remotePath, type Script, sh } from "../../transport/argv.ts";
import type { Keepers } from "../engine.ts";

export function take(subject: Files, keepers: Keepers): Script {
  const { from } = subject;
  return "path" in from ? takeFolder(from.path) : takeVolume(from.volume, keepers);
}

/** GNU tar ends with 1 when a file changed while it was read, which is nothing that a file's owner could have prevented. */
function takeFolder(path: string): Script {
  return sh`[ -d ${remotePath(path)} ] || { echo ${`${path} isn't there yet: there is nothing to back up`} >&2; exit ${NOTHING_YET}; }
printf '{"version":"%s"}\n' "$(tar --version 2>/dev/null | head -n 1 || echo tar)" >&3
tar -C ${remotePath(path)} --exclude=./.before-* --exclude=./.restored-* --exclude=./.undone-* -cf - .
status=$?
[ $status -le 1 ] || { echo ${`error: ${path} can't be read whole`} >&2; exit $status; }`;
}

/** By way of a container that has the volume, running or not: `docker cp` needs no tool in it, and no root on the host. */
function takeVolume(volume: string, keepers: Keepers): Script {
  return sh`${mountOf(volume, keepers)}
[ -n "$mount" ] || { echo ${`no container has the volume ${volume} yet: there is nothing to back up`} >&2; exit ${NOTHING_YET}; }
printf '{"version":"docker cp"}\n' >&3
docker cp "$mount"/. - || { echo ${`error: the volume ${volume} can't be read whole`} >&2; exit 1; }`;
}

/** Sets `mount` to CONTAINER:PATH of a container of the app that has the volume, by Docker's name or the compose file's. */
export function mountOf(volume: string, { project, containers }: Keepers): Script {
  const names = [...(project ? [`${project}_${volume}`] : []), volume];
  return sh`mount=
for container in ${containers}; do
  for volume in ${names}; do
    path=$(docker container inspect --format '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{.Destination}}{{println}}{{end}}{{end}}' "$container" 2>/dev/null | sed -n "s|^$volume ||p" | head -n 1)
    [ -z "$path" ] || { mount=$container:$path; break 2; }
  done
done`;
}
