import { PARTIAL } from "../backup/destination/place.ts";
import { hostPart, Unmeasured } from "../doctor/facts/part.ts";
import type { ReleaseEvent } from "../journal/events.ts";
import { parseEvents } from "../journal/releases.ts";
import { appKey, stateFolder } from "../observe/place.ts";
import { remotePath, Script, sh } from "../transport/argv.ts";

export interface ImageStored {
  readonly id: string;
  readonly tags: readonly string[];
  /** With what it shares with others. */
  readonly bytes: number;
  /** What would be freed without it; undefined where the engine doesn't say. */
  readonly own?: number;
  /** The compose project that it was built for. */
  readonly project?: string;
}

export interface VolumeStored {
  readonly name: string;
  readonly bytes: number;
  readonly project?: string;
}

/** What tend and its apps keep on a host's disk. */
export interface Stored {
  readonly images: readonly ImageStored[];
  readonly volumes: readonly VolumeStored[];
  /** Of the build cache, what no build uses now, and for how many seconds none has. */
  readonly cache: { readonly bytes: number; readonly unused: readonly { readonly bytes: number; readonly idle: number }[] };
  /** The folders of backups on this host, by app. */
  readonly backups: readonly { readonly of: string; readonly folder: string; readonly bytes: number }[];
  /** Folders of backups that were begun more than a day ago and never published, by app. */
  readonly partial: readonly { readonly of: string; readonly folder: string }[];
  readonly state: { readonly folder: string; readonly bytes: number };
  /** Runs that ended more than 30 days ago. */
  readonly oldRuns: readonly string[];
  /** All of each app's releases, the oldest first. */
  readonly releases: Readonly<Record<string, readonly ReleaseEvent[]>>;
  /** Apps that somebody is at work on. */
  readonly busy: readonly string[];
}

/** An image without labels has none to look into. */
const PROJECT = `{{$project := ""}}{{with .Config}}{{with .Labels}}{{with index . "com.docker.compose.project"}}{{$project = .}}{{end}}{{end}}{{end}}`;
const IMAGE = [`${PROJECT}{"id":{{json .Id}},"tags":{{json .RepoTags}},"bytes":{{.Size}}`, `"project":{{json $project}}}`].join(
  ",",
);

/** Docker measures volumes by reading them through: that may take a minute. */
export const stored = hostPart<Stored>({
  within: 120,
  script: ({ apps, host }) => {
    const backups = apps.flatMap((app) =>
      app.backups.to.flatMap((to) => (to.kind === "host" ? [sh`kept ${appKey(app)} ${remotePath(to.folder)}`] : [])),
    );
    return sh`ids=$(docker image ls -q --no-trunc | sort -u) || exit 1
echo "count $(printf '%s' "$ids" | grep -c .)"
[ -z "$ids" ] || docker image inspect --format ${IMAGE} $ids | sed 's/^/image /'
# Its line has no end.
printf 'df %s\n' "$(docker system df -v --format '{{json .}}')"
kept() { # app, folder
  at=$(cd "$2" 2>/dev/null && pwd -P) || return 0
  echo "kept $1 $(du -sk "$at/$1" 2>/dev/null | cut -f 1) $at/$1"
  find "$at/$1" -maxdepth 1 -name ${`${PARTIAL}*`} -mtime +0 2>/dev/null | sed "s/^/partial $1 /"
}
${Script.join(backups, "\n")}
state=${stateFolder(host)}
cd "$state" 2>/dev/null || exit 0
echo "state $(du -sk . | cut -f 1) $(pwd -P)"
find runs -mindepth 1 -maxdepth 1 -type d -mtime +30 2>/dev/null | while read -r run; do
  grep -q '"type":"run.end"' "$run/events.jsonl" 2>/dev/null && echo "old $(pwd -P)/$run"
done
for app in apps/*/; do
  [ -d "$app" ] || continue
  echo "app $(basename "$app")"
  [ -d "$app"lock ] && echo busy
  grep '"type":"release"' "$app"journal.jsonl 2>/dev/null
done
:`;
  },
  read: ({ exit, stdout, stderr }, scene) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim().split("\n")[0] || `docker ended with ${exit}`);
    const [head = "", ...apps] = stdout.split(/^app /m);
    const each = (key: string) =>
      head.split("\n").flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
    // With an image missing, a use of it might be missed, too.
    if (each("image").length !== Number(each("count")[0])) {
      throw new Unmeasured(stderr.trim().split("\n")[0] || "an image went away while they were looked at");
    }
    const df = JSON.parse(each("df")[0] ?? "{}") as Usage;
    const own = new Map((df.Images ?? []).map((image) => [image.ID, sizeOf(image.UniqueSize)]));
    const [, size = "0", folder = ""] = /^(\d+) (.+)$/.exec(each("state")[0] ?? "") ?? [];
    return {
      images: each("image").map((line) => {
        const raw = JSON.parse(line) as {
          id: string;
          tags: string[] | null;
          bytes: number;
          project: string | null;
        };
        return { ...raw, tags: raw.tags ?? [], project: raw.project || undefined, own: own.get(raw.id) };
      }),
      volumes: (df.Volumes ?? []).map(({ Name, Size, Labels }) => ({
        name: Name,
        bytes: sizeOf(Size) ?? 0,
        project: /com\.docker\.compose\.project=([^,]+)/.exec(Labels)?.[1],
      })),
      cache: {
        bytes: sum((df.BuildCache ?? []).map((one) => sizeOf(one.Size) ?? 0)),
        unused: (df.BuildCache ?? []).flatMap((one) =>
          one.InUse === "false"
            ? [{ bytes: sizeOf(one.Size) ?? 0, idle: idleOf(one.LastUsedAt || one.CreatedAt, scene.now) }]
            : [],
        ),
      },
      backups: each("kept").flatMap((line) => {
        const found = /^(\S+) (\d+) (.+)$/.exec(line);
        return found ? [{ of: found[1] as string, bytes: Number(found[2]) * 1024, folder: found[3] as string }] : [];
      }),
      partial: each("partial").flatMap((line) => {
        const found = /^(\S+) (.+)$/.exec(line);
        return found ? [{ of: found[1] as string, folder: found[2] as string }] : [];
      }),
      state: { folder, bytes: Number(size) * 1024 },
      oldRuns: each("old"),
      releases: Object.fromEntries(
        apps.map((section) => [
          section.split("\n")[0] as string,
          parseEvents(section).filter((event): event is ReleaseEvent => event.type === "release"),
        ]),
      ),
      busy: apps.flatMap((section) => (/^busy$/m.test(section) ? [section.split("\n")[0] as string] : [])),
    };
  },
});

interface Usage {
  readonly Images?: readonly { readonly ID: string; readonly UniqueSize: string }[];
  readonly Volumes?: readonly { readonly Name: string; readonly Size: string; readonly Labels: string }[];
  readonly BuildCache?: readonly {
    readonly Size: string;
    readonly InUse: string;
    readonly CreatedAt: string;
    readonly LastUsedAt: string;
  }[];
}

/** `2026-11-20 14:21:49.505199205 +0000 UTC`, as Go writes times. What can't be read was used just now. */
function idleOf(text: string, now: Date): number {
  const [, day, time, zone] = /^(\S+) (\d\d:\d\d:\d\d)\S* ([+-]\d{4})/.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(at) ? 0 : (now.getTime() - at) / 1000;
}

const UNIT: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** `1.738MB` as Docker writes sizes; undefined for `N/A`. */
export function sizeOf(text: string): number | undefined {
  const found = /^([\d.]+)\s*([kKMGT]?B)/.exec(text);
  return found ? Math.round(Number(found[1]) * (UNIT[found[2] as string] ?? 1)) : undefined;
}

export function sum(all: readonly number[]): number {
  return all.reduce((one, other) => one + other, 0);
}
