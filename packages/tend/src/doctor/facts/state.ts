import { type LockOwner, parseOwner } from "../../execute/lock.ts";
import type { Event, ReleaseEvent } from "../../journal/events.ts";
import { fold, parseEvents, type UnfinishedRun } from "../../journal/releases.ts";
import { stateFolder } from "../../observe/place.ts";
import { sh } from "../../transport/argv.ts";
import { hostPart } from "./part.ts";

/** What tend keeps of an app, or of the host itself (`@hemma`). */
export interface Kept {
  readonly of: string;
  readonly unfinished?: UnfinishedRun;
  /** Who holds the lock, and how many seconds ago they gave the last sign of life. */
  readonly lock?: { readonly owner?: LockOwner; readonly age: number };
  /** The release that is live. */
  readonly live?: ReleaseEvent;
  /** Lines of its journal that can't be read. */
  readonly torn: number;
}

export interface StateSeen {
  /** Absolute. */
  readonly folder: string;
  /** Undefined where there is none yet. */
  readonly mode?: string;
  readonly writable: boolean;
  readonly owner?: string;
  readonly kept: readonly Kept[];
}

export const state = hostPart<StateSeen>({
  script: ({ host }) => sh`folder=${stateFolder(host)}
echo "folder $folder"
mode=$(stat -c '%a %U' "$folder" 2>/dev/null) || exit 0
cd "$folder" 2>/dev/null && [ -r . ] && [ -w . ] && mkdir .written-$$ 2>/dev/null && rmdir .written-$$ && echo writable
echo "mode $mode"
for app in apps/*/; do
  [ -d "$app" ] || continue
  of=$(basename "$app") journal="$app"journal.jsonl
  echo "app $of"
  if [ -d "$app"lock ]; then
    alive=$(stat -c %Y "$app"lock/lease 2>/dev/null || stat -c %Y "$app"lock)
    echo "lock $(( $(date +%s) - alive )) $(cat "$app"lock/owner 2>/dev/null | head -n 1)"
  fi
  grep '"type":"release"' "$journal" 2>/dev/null | tail -n 1
  tail -n 300 "$journal" 2>/dev/null | grep -E '"type":"run\.(start|end)"'
  echo "torn $(tail -n 300 "$journal" 2>/dev/null | grep -vc '^{.*}$')"
done
:`,
  read: ({ stdout }) => {
    const [head = "", ...apps] = stdout.split(/^app /m);
    const [, mode, owner] = /^mode (\d+) (\S+)$/m.exec(head) ?? [];
    return {
      folder: /^folder (.+)$/m.exec(head)?.[1] ?? "?",
      mode,
      owner,
      writable: /^writable$/m.test(head),
      kept: apps.map((section) => {
        const of = section.split("\n")[0] as string;
        const lock = /^lock (-?\d+) ?(.*)$/m.exec(section);
        const events: readonly Event[] = parseEvents(section);
        const { unfinished, releases } = fold(events);
        return {
          of,
          unfinished,
          lock: lock ? { age: Number(lock[1]), owner: parseOwner(lock[2] ?? "") } : undefined,
          live: releases.at(-1),
          torn: Number(/^torn (\d+)$/m.exec(section)?.[1] ?? 0),
        };
      }),
    };
  },
});
