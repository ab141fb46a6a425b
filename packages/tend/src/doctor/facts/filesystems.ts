import { appKey } from "../../observe/place.ts";
import { remotePath, sh } from "../../transport/argv.ts";
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
  script: ({ apps, host }) => {
    const folders = apps.map((app) => sh`look ${appKey(app)} ${remotePath(app.path)}`);
    return sh`look() { # what, path
  df -Pk "$2" 2>/dev/null | tail -n 1 | { read -r _ total used free percent mount; echo "space $1 $total $used $free $percent $mount"; }
  df -Pi "$2" 2>/dev/null | tail -n 1 | { read -r _ total used free percent mount; echo "inodes $1 $percent $mount"; }
}
look / /
look docker "$(docker info --format '{{.DockerRootDir}}' 2>/dev/null || echo /var/lib/docker)"
look state ${remotePath(host.state ?? "~")}
${folders.reduce(
  (all, one) => sh`${all}
${one}`,
  sh`:`,
)}`;
  },
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
