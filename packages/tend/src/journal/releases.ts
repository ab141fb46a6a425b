import type { RunId } from "../model/names.ts";
import { type Probe, probe } from "../observe/observe.ts";
import { type Script, sh } from "../transport/argv.ts";
import type { BackupEvent, DrillEvent, Event, ReleaseEvent, RestoreEvent, RunStart } from "./events.ts";

/** As many lines of an app's journal as a plan needs to look back on; the file itself keeps all. */
const RECENT = 300;
/** And so many of each of what is looked for further back: hourly backups would bury the releases. */
const OF_A_KIND = 100;

/** A run that began and hasn't ended: it is under way, or it was interrupted. */
export interface UnfinishedRun {
  readonly run: RunId;
  readonly title: string;
  readonly by: string;
  readonly at: string;
  /** Somebody is at work on the app right now. */
  readonly alive?: boolean;
}

/** What an app's journal tells; the oldest first in each. */
export interface History {
  readonly releases: readonly ReleaseEvent[];
  /** A run that began and hasn't ended. */
  readonly unfinished?: UnfinishedRun;
  readonly backups: readonly BackupEvent[];
  readonly drills: readonly DrillEvent[];
  readonly restores: readonly RestoreEvent[];
}

/** Folds an app's journal into its releases and the run, if any, that began and never ended. */
export function fold(events: readonly Event[]): History {
  const all = <T extends Event["type"]>(type: T) =>
    events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  const ended = new Set(events.filter((event) => event.type === "run.end").map((event) => event.run));
  const open = events.filter((event): event is RunStart => event.type === "run.start" && !ended.has(event.run)).at(-1);
  return {
    releases: all("release"),
    backups: all("backup"),
    drills: all("drill"),
    restores: all("restore"),
    unfinished: open && { run: open.run as RunId, title: open.title, by: open.by, at: open.at },
  };
}

/** JSON lines to events. A line that was cut off by a full disk or a power cut is passed over. */
export function parseEvents(text: string): readonly Event[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    try {
      const event = JSON.parse(line) as Event;
      return event.v === 1 ? [event] : [];
    } catch {
      return [];
    }
  });
}

/** Seconds; whoever is at work on an app gives a sign of life every second. */
const ALIVE = 10;

export function historyProbe(state: Script, app: string): Probe<History> {
  return probe(
    sh`journal=${state}/apps/${app}/journal.jsonl
for kind in release backup drill restore; do grep "\"type\":\"$kind\"" "$journal" 2>/dev/null | tail -n ${OF_A_KIND}; done
echo recent
tail -n ${RECENT} "$journal" 2>/dev/null
life=$(stat -c %Y ${state}/apps/${app}/lock/lease 2>/dev/null) && [ "$(( $(date +%s) - life ))" -le ${ALIVE} ] && echo alive
:`,
    (seen) => {
      const [ofAKind = "", recent = ""] = seen.stdout.split("recent\n");
      const runs = parseEvents(recent).filter((event) => event.type === "run.start" || event.type === "run.end");
      const history = fold([...parseEvents(ofAKind), ...runs]);
      const alive = seen.stdout.endsWith("alive\n");
      return { ...history, unfinished: history.unfinished && { ...history.unfinished, alive } };
    },
  );
}

/** The release that is live: the newest one. */
export function liveRelease(history: { readonly releases: readonly ReleaseEvent[] }): ReleaseEvent | undefined {
  return history.releases.at(-1);
}

/** The number that a release's state goes by: a rollback to 40 brought 40's state back, whatever its own number. */
export function stateOf(release: ReleaseEvent): number {
  return release.of ?? release.release;
}

/**
 * What `rollback` without a number goes back to: what was live before the state that is live now was first deployed.
 * That may be a rollback itself: so a release that was taken back already is not what comes next.
 */
export function previousRelease(releases: readonly ReleaseEvent[]): ReleaseEvent | undefined {
  const live = releases.at(-1);
  if (!live) return undefined;
  return releases.findLast((release) => release.release < stateOf(live));
}
