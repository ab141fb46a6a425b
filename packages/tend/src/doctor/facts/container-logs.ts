import { NOT_ROOT, ROOT } from "../../machine/root.ts";
import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** The size of a container's log with those that were rotated: `docker system df` leaves them out. */
export interface ContainerLog {
  readonly container: string;
  readonly bytes: number;
}

export const containerLogs = hostPart<readonly ContainerLog[]>({
  script: () => sh`${ROOT}
ids=$(docker ps -aq --no-trunc) || exit 1
[ -n "$ids" ] || exit 0
docker container inspect --format '{{.Name}} {{.LogPath}}' $ids | while read -r name path; do
  [ -n "$path" ] || continue
  size=$(root sh -c 'du -k "$1"* 2>/dev/null | awk "{ all += \$1 } END { print all + 0 }"' sh "$path") || exit $?
  echo "$size $name"
done`,
  read: ({ exit, stdout, stderr }) => {
    if (exit === NOT_ROOT) throw new Unmeasured("only root may look at the containers' log files");
    if (exit !== 0 && !/No such (object|container)/i.test(stderr)) {
      throw new Unmeasured(stderr.trim().split("\n")[0] || `docker ended with status ${exit}`);
    }
    return stdout.split("\n").flatMap((line) => {
      const found = /^(\d+) \/(\S+)$/.exec(line);
      return found ? [{ container: found[2] as string, bytes: Number(found[1]) * 1024 }] : [];
    });
  },
});
