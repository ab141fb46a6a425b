import { lines, sh } from "../../transport/argv.ts";
import { hostPart } from "./part.ts";

export interface MountsSeen {
  /** By path on the host: what containers have mounted, and what compose files name. */
  readonly sources: Readonly<Record<string, SourceSeen>>;
  /** Empty folders that lie over a folder that the image has files in. */
  readonly masks: readonly { readonly container: string; readonly target: string; readonly files: readonly string[] }[];
}

export type SourceSeen =
  | { readonly state: "missing" | "unreadable" }
  | {
      readonly state: "there";
      readonly folder: boolean;
      readonly uid: number;
      readonly gid: number;
      /** Permission bits. */
      readonly mode: number;
      /** Of a folder that can be listed. */
      readonly empty?: boolean;
    };

/** So many are looked at; a host with more is none of a few web services. */
const MOST = 120;

/** What is mounted, as it is on the host: there at all, whose, empty. */
export const mounts = hostPart<MountsSeen>({
  after: true,
  script: (_, first) => {
    const containers = first.containers.filter((one) => !one.oneOff);
    const declared = Object.values(first.compose).flatMap((app) =>
      Object.values(app.services).flatMap((service) => service.binds.map((bind) => bind.source)),
    );
    const mounted = containers.flatMap((one) => one.mounts.map((mount) => mount.source));
    const sources = [...new Set([...mounted, ...declared])].filter(isPlain).slice(0, MOST);
    const binds = containers
      .flatMap(({ id, mounts: all }) =>
        all.flatMap((mount) =>
          mount.type === "bind" && isPlain(mount.source) && isPlain(mount.target) ? [{ id, ...mount }] : [],
        ),
      )
      .slice(0, MOST);
    return sh`look() { # path
  if seen=$(stat -L -c '%u|%g|%a|%F' -- "$1" 2>&1); then
    empty=unknown
    [ -d "$1" ] && [ -r "$1" ] && [ -x "$1" ] && { empty=no; [ -n "$(ls -A -- "$1" 2>/dev/null | head -n 1)" ] || empty=yes; }
    echo "there|$empty|$seen|$1"
  else
    case $seen in *'No such file'*) echo "missing|$1" ;; *) echo "unreadable|$1" ;; esac
  fi
}
mask() { # container, path in it, path on the host
  [ -d "$3" ] && [ -r "$3" ] && [ -x "$3" ] && [ -z "$(ls -A -- "$3" 2>/dev/null | head -n 1)" ] || return 0
  layers=$(docker container inspect --format '{{index .GraphDriver.Data "LowerDir"}}' "$1" 2>/dev/null | tr ':' ' ')
  for layer in $layers; do
    [ -d "$layer$2" ] && ls -A -- "$layer$2" 2>/dev/null
  done | sort -u | head -n 3 | cut -b 1-80 | sed "s|^|mask/$1/$2/|"
}
${lines(sources.map((path) => sh`look ${path}`))}
${lines(binds.map(({ id, target, source }) => sh`mask ${id} ${target} ${source}`))}
:`;
  },
  read: ({ stdout }) => {
    const sources: Record<string, SourceSeen> = {};
    const masks = new Map<string, { container: string; target: string; files: string[] }>();
    for (const line of stdout.split("\n")) {
      const [head = "", empty = "", uid, gid, mode = "", type = "", ...path] = line.split("|");
      if (head === "there") {
        const folder = type === "directory";
        const known = empty === "unknown" ? undefined : empty === "yes";
        sources[path.join("|")] = {
          state: "there",
          folder,
          uid: Number(uid),
          gid: Number(gid),
          mode: Number.parseInt(mode, 8),
          empty: known,
        };
      } else if (head === "missing" || head === "unreadable") {
        sources[line.slice(head.length + 1)] = { state: head };
      }
      const mask = /^mask\/([0-9a-f]+)\/(.+)\/([^/]+)$/.exec(line);
      if (mask) {
        const [, container = "", target = "", file = ""] = mask;
        const known = masks.get(container + target) ?? { container, target, files: [] };
        known.files.push(file);
        masks.set(container + target, known);
      }
    }
    return { sources, masks: [...masks.values()] };
  },
});

/** A path with a line end in it would be two answers. */
function isPlain(path: string): boolean {
  return /^\/[^\p{Cc}]*$/u.test(path);
}
