import { NOT_ROOT, ROOT } from "../../machine/root.ts";
import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** The size of a container's log with those that were rotated: `docker system df` leaves them out. */
export interface ContainerLog {
  readonly container: string;
  readonly bytes: number;
}

/** Lines with a path and a name each; answered with the kilobytes of all files whose names begin so. */
const SIZES = `while read -r path name; do
  [ -n "$name" ] || continue
  set -- $(du -kc "$path"* 2>/dev/null | tail -n 1)
  echo "$1 $name"
done`;

export const containerLogs = hostPart<readonly ContainerLog[]>({
  script: () => sh`${ROOT}
ids=$(docker ps -aq --no-trunc) || exit 1
[ -n "$ids" ] || exit 0
docker container inspect --format '{{with .LogPath}}{{.}} {{$.Name}}{{end}}' $ids | root sh -c ${SIZES}`,
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
