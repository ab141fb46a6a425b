import { appKey, stateFolder } from "../../observe/place.ts";
import { lines, remotePath, sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

export interface Filesystem {
  readonly mount: string;
  /** What of interest stands on it: `docker`, `/`, an app's name, `state`. */
  readonly holds: readonly string[];
  readonly bytes: number;
  readonly free: number;
  /** Of the space that is there for those who are not root; 0–100. */
  readonly usedPercent: number;
  /** Undefined where the filesystem doesn't count them (btrfs). */
  readonly inodesUsedPercent?: number;
}

/** The filesystems that matter: those of the root, of Docker's data, of each app's folder and of tend's state. */
export const filesystems = hostPart<readonly Filesystem[]>({
  script: ({ apps, host }) => sh`look() { # what, path
  df -Pk "$2" 2>/dev/null | tail -n 1 | { read -r _ total used free percent mount; echo "space $1 $total $used $free $percent $mount"; }
  df -Pi "$2" 2>/dev/null | tail -n 1 | { read -r _ total used free percent mount; echo "inodes $1 $percent $mount"; }
}
look / /
look docker "$(docker info --format '{{.DockerRootDir}}' 2>/dev/null || echo /var/lib/docker)"
# Before the first run it isn't there: then where it will be.
state=${stateFolder(host)}
until [ -e "$state" ]; do state=$(dirname "$state"); done
look state "$state"
${lines(apps.map((app) => sh`look ${appKey(app)} ${remotePath(app.path)}`))}
:`,
  read: ({ stdout, stderr }) => {
    const found = new Map<string, Filesystem>();
    for (const line of stdout.split("\n")) {
      const space = /^space (\S+) (\d+) \d+ (\d+) (\d+)% (.+)$/.exec(line);
      if (space) {
        const [, of = "", total, free, percent, mount = ""] = space;
        const known = found.get(mount);
        found.set(mount, {
          mount,
          holds: [...(known?.holds ?? []), of],
          bytes: Number(total) * 1024,
          free: Number(free) * 1024,
          usedPercent: Number(percent),
          inodesUsedPercent: known?.inodesUsedPercent,
        });
      }
      const inodes = /^inodes \S+ (\d+)% (.+)$/.exec(line);
      const known = inodes && found.get(inodes[2] as string);
      if (inodes && known) found.set(known.mount, { ...known, inodesUsedPercent: Number(inodes[1]) });
    }
    if (found.size === 0) throw new Unmeasured(`df said nothing${stderr ? `: ${stderr.trim()}` : ""}`);
    return [...found.values()];
  },
});
