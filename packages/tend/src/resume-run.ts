import type { Progress } from "./carry-out.ts";
import { execute } from "./execute/execute.ts";
import { LEASE, runPaths, WATCHED } from "./execute/host-script.ts";
import { type LockOwner, lockedFailure, parseOwner } from "./execute/lock.ts";
import type { Event } from "./journal/events.ts";
import { historyProbe, parseEvents } from "./journal/releases.ts";
import { storedPlan } from "./journal/stored-plan.ts";
import { Failure } from "./model/failure.ts";
import { observe, probe } from "./observe/observe.ts";
import { appKey, prelude, stateFolder } from "./observe/place.ts";
import type { Place } from "./runtime/runtime.ts";
import type { Session } from "./session.ts";
import { sh } from "./transport/argv.ts";
import type { Transport } from "./transport/transport.ts";

/** Goes on with the run of an app that began and never ended: what is done stays done, what failed is taken back. */
export async function resumeRun(
  session: Session,
  place: Place,
  options: { readonly dryRun: boolean; readonly on: (progress: Progress) => void },
): Promise<Failure | undefined> {
  const transport = await session.transport(place.host);
  options.on({ type: "reached", host: place.host.name, via: transport.via });
  const found = await forsakenRun(place, transport);
  if (!found) {
    options.on({ type: "nothing", app: place.app.name, host: place.host.name, text: "no run is unfinished" });
    return undefined;
  }
  const { plan, events, lock } = found;
  if (lock && lock.age <= LEASE && lock.owner?.run !== plan.id) throw lockedFailure(place.app.name, place.host.name, lock.owner);
  const done = new Set(events.flatMap((event) => (event.type === "step.end" && event.result !== "failed" ? [event.step] : [])));
  options.on({ type: "plan", plan: { ...plan, steps: plan.steps.filter((step) => !done.has(step.id)) } });
  if (options.dryRun) return undefined;
  const report = await execute({
    plan,
    host: place.host,
    transport,
    paths: runPaths(found.state, appKey(place.app), plan.id),
    by: session.by,
    past: events,
    running: found.running,
    signal: session.signal,
    on: (news) => options.on({ type: "news", plan, news }),
  });
  options.on({ type: "end", report });
  return report.failure;
}

/** A run whose own tend is at work is none to take up; one that died gives no sign of life for some seconds. */
async function forsakenRun(place: Place, transport: Transport): Promise<Unfinished | undefined> {
  for (let before: Unfinished | undefined; ; ) {
    const found = await unfinishedRun(place, transport);
    const age = found?.lock?.watched;
    if (!found || age === undefined || age >= WATCHED) return found;
    // Not older than some seconds ago: somebody renews it.
    if (before?.lock?.watched !== undefined && age <= before.lock.watched) {
      throw lockedFailure(place.app.name, place.host.name, found.lock?.owner);
    }
    before = found;
    await new Promise((resolve) => setTimeout(resolve, 2200));
  }
}

interface Unfinished {
  readonly plan: NonNullable<ReturnType<typeof storedPlan>>;
  readonly events: readonly Event[];
  /** The part of it that the host is still at. */
  readonly running?: number;
  readonly state: string;
  /** Seconds since the last sign of life: of whoever holds the lock, and of the tend that watches the run. */
  readonly lock?: { readonly age: number; readonly watched?: number; readonly owner?: LockOwner };
}

async function unfinishedRun(place: Place, transport: Transport): Promise<Unfinished | undefined> {
  const state = stateFolder(place.host);
  const key = appKey(place.app);
  const { history, where, lock } = await observe(transport, prelude(place.host), {
    history: historyProbe(state, key),
    where: probe(sh`printf '%s\n' ${state}`, (seen) => seen.stdout.trim()),
    lock: probe(
      sh`lock=${state}/apps/${key}/lock
[ -d "$lock" ] || exit 0
age() { echo "$(( $(date +%s) - $(stat -c %Y "$1") ))"; }
age "$lock/lease" 2>/dev/null || age "$lock"
age "$lock/watched" 2>/dev/null || echo -
cat "$lock/owner"`,
      (seen) => {
        const [age, watched, owner = ""] = seen.stdout.split("\n");
        return age
          ? { age: Number(age), watched: watched === "-" ? undefined : Number(watched), owner: parseOwner(owner) }
          : undefined;
      },
    ),
  });
  if (!history.unfinished) return undefined;
  const folder = sh`${state}/runs/${history.unfinished.run}`;
  const { plan, now } = await observe(transport, prelude(place.host), {
    plan: probe(sh`cat ${folder}/plan.json`, (seen) => storedPlan(seen.stdout)),
    // First whether it runs, then how far it came: the other way round, what it does in between would be done again.
    now: probe(
      sh`read -r pid part 2>/dev/null <${folder}/pid && kill -0 "$pid" 2>/dev/null && echo "$part"
cat ${folder}/events.jsonl`,
      (seen) => ({ running: /^\d+\n/.exec(seen.stdout)?.[0], events: parseEvents(seen.stdout) }),
    ),
  });
  if (!plan) {
    throw new Failure({
      id: "run.unknown",
      exit: "refused",
      title: `the plan of run ${history.unfinished.run} is not on ${place.host.name} any more`,
      changed: "nothing",
      help: `tend deploy ${place.app.name} starts from what is there`,
    });
  }
  return { plan, events: now.events, running: now.running === undefined ? undefined : Number(now.running), state: where, lock };
}
