import type { Listed } from "../../backup/destination/store.ts";
import type { BackupEvent, DrillEvent } from "../../journal/events.ts";
import { parseEvents } from "../../journal/releases.ts";
import { type Destination, destinationText } from "../../model/data.ts";
import type { App } from "../../model/fleet.ts";
import { appKey, stateFolder } from "../../observe/place.ts";
import { lines, remotePath, type Script, sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** What an app's backups look like from its host: what lies in the folders there, and what its journal says of the rest. */
export interface BackupsSeen {
  /** As tend's own files call it. */
  readonly app: string;
  readonly destinations: readonly DestinationSeen[];
  /** When its first release stands in the journal; undefined where there is none. */
  readonly since?: string;
  /** The newest ones, oldest first. */
  readonly backups: readonly BackupEvent[];
  readonly drills: readonly DrillEvent[];
}

/** A folder of the host that keeps backups. */
export interface DestinationSeen {
  readonly at: string;
  /** `new`: it isn't there, and can be made. `lost`: it isn't there, and can't be. */
  readonly state: "ready" | "read-only" | "new" | "lost" | "no-folder";
  /** The newest of each subject, oldest first; only the very newest with its manifest. */
  readonly kept: readonly Listed[];
}

/** So many of each subject are looked at: enough for what is usual. */
const NEWEST = 12;
const MANIFEST_BYTES = 65_536;

/** Names and sizes as they lie there; nothing is opened but the newest manifests. */
export const backups = hostPart<readonly BackupsSeen[] | undefined>({
  script: ({ apps, host }) => {
    const keeping = apps.filter((app) => app.databases.length + app.files.length > 0);
    if (keeping.length === 0) return undefined;
    return lines(
      keeping.map(
        (app) => sh`printf 'app %s\n' ${appKey(app)}
${lines(app.backups.to.flatMap((to) => (to.kind === "host" ? [listing(app, to)] : [])))}
journal=${stateFolder(host)}/apps/${appKey(app)}/journal.jsonl
grep '"type":"release"' "$journal" 2>/dev/null | head -n 1
for kind in backup drill; do grep "\"type\":\"$kind\"" "$journal" 2>/dev/null | tail -n 40; done`,
      ),
    );
  },
  read: ({ stdout, stderr }) => {
    const told = stdout.split(/^app /m).slice(1);
    if (told.length === 0) throw new Unmeasured(stderr.trim() || "nothing was answered");
    return told.map(seenOf);
  },
});

function listing(app: App, to: Destination & { readonly kind: "host" }): Script {
  const root = remotePath(to.folder);
  const subjects = [...app.databases, ...app.files].map(({ name }) => `${appKey(app)}-${name}-`);
  return sh`printf 'destination %s\n' ${destinationText(to)}
root=${root}
if [ -d "$root" ]; then [ -w "$root" ] && [ -x "$root" ] && echo 'state ready' || echo 'state read-only'
elif [ -e "$root" ]; then echo 'state no-folder'
else
  above=$(dirname "$root")
  while [ ! -e "$above" ]; do above=$(dirname "$above"); done
  [ -d "$above" ] && [ -w "$above" ] && echo 'state new' || echo 'state lost'
fi
( cd "$root"/${appKey(app)} 2>/dev/null || exit 0
for subject in ${subjects}; do
  set -- "$subject"[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T*Z-*
  while [ $# -gt ${NEWEST} ]; do shift; done
  for name; do
    [ -d "$name" ] || continue
    printf 'kept %s\n' "$name"
    ( cd "$name" && stat -c 'file %s %n' -- * 2>/dev/null )
  done
  [ ! -f "$name"/manifest.json ] || { printf 'manifest '; head -c ${MANIFEST_BYTES} "$name"/manifest.json | tr -d '\n'; echo; }
done )`;
}

function seenOf(text: string): BackupsSeen {
  const [app = "", ...said] = text.split("\n");
  const destinations: { at: string; state: DestinationSeen["state"]; kept: Listed[] }[] = [];
  for (const line of said) {
    const [what = "", rest = ""] = [line.split(" ", 1)[0], line.replace(/^\S+ ?/, "")];
    const destination = destinations.at(-1);
    const backup = destination?.kept.at(-1);
    if (what === "destination") destinations.push({ at: rest, state: "ready", kept: [] });
    else if (what === "state" && destination) destination.state = rest as DestinationSeen["state"];
    else if (what === "kept" && destination) destination.kept.push({ name: rest, manifest: "", files: {} });
    else if (what === "manifest" && destination && backup) destination.kept.splice(-1, 1, { ...backup, manifest: `${rest}\n` });
    else if (what === "file" && destination && backup) {
      const [, size, file = ""] = /^(\d+) (.*)$/.exec(rest) ?? [];
      if (file !== "manifest.json")
        destination.kept.splice(-1, 1, { ...backup, files: { ...backup.files, [file]: Number(size) } });
    }
  }
  const events = parseEvents(said.join("\n"));
  return {
    app,
    destinations,
    since: events.find((event) => event.type === "release")?.at,
    backups: events.filter((event) => event.type === "backup"),
    drills: events.filter((event) => event.type === "drill"),
  };
}
