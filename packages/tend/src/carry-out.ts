import { execute, type News, type RunReport } from "./execute/execute.ts";
import { closeForsaken, StalePlan } from "./execute/host-run.ts";
import { runPaths } from "./execute/host-script.ts";
import { historyProbe } from "./journal/releases.ts";
import { Failure } from "./model/failure.ts";
import { observe, probe } from "./observe/observe.ts";
import { appKey, basisScript, prelude, stateFolder } from "./observe/place.ts";
import type { Executed, HostOperation, PlannedOperation } from "./operation.ts";
import type { Inputs, Params } from "./params.ts";
import type { Plan, Stakes } from "./plan/plan.ts";
import { resumeRun } from "./resume-run.ts";
import { runtimes } from "./runtime/index.ts";
import type { AppFacts, Draft, Place, Situation, Wanted } from "./runtime/runtime.ts";
import { appsByHost, newRunId, type Session } from "./session.ts";
import { sh } from "./transport/argv.ts";
import type { Transport } from "./transport/transport.ts";

/** What a surface hears while plans are made and executed. */
export type Progress =
  | { readonly type: "reached"; readonly host: string; readonly via: string }
  | { readonly type: "plan"; readonly plan: Plan }
  | { readonly type: "nothing"; readonly app: string; readonly host: string; readonly text: string }
  | { readonly type: "news"; readonly plan: Plan; readonly news: News }
  | { readonly type: "end"; readonly report: RunReport }
  | { readonly type: "failure"; readonly app: string; readonly host: string; readonly failure: Failure };

export interface CarryOutOptions {
  readonly dryRun: boolean;
  readonly on: (progress: Progress) => void;
  /** Asks the person for the name that a severe plan wants. Throws when it isn't said, or isn't the one. */
  readonly approve?: (stakes: Stakes) => Promise<void>;
}

/** So often a plan is made anew when the host changed between the look and the lock. */
const ATTEMPTS = 3;

/**
 * Makes an operation's plan for each app and executes it: hosts side by side, the apps of one host in the order
 * given. One app's failure doesn't keep the others from being done; every outcome is told. Answers the failures.
 */
export async function carryOut(
  session: Session,
  operation: Executed,
  input: Inputs<Params>,
  options: CarryOutOptions,
): Promise<readonly Failure[]> {
  const places =
    operation.kind === "host"
      ? operation.targets(input, await session.fleet()).map((name) => session.hostPlace(name))
      : session.places(operation.targets(input));
  const failures: Failure[] = [];
  await Promise.all(
    [...appsByHost(await Promise.all(await places)).values()].map(async (onHost) => {
      for (const place of onHost) {
        if (session.signal?.aborted) return;
        try {
          const failure =
            operation.kind === "resumed"
              ? await resumeRun(session, place, options)
              : await one(session, operation, input, place, options);
          if (failure) failures.push(failure);
        } catch (error) {
          const failure = asFailure(error);
          failures.push(failure);
          options.on({ type: "failure", app: place.app.name, host: place.host.name, failure });
        }
      }
    }),
  );
  return failures;
}

async function one(
  session: Session,
  operation: PlannedOperation | HostOperation,
  input: Inputs<Params>,
  place: Place,
  options: CarryOutOptions,
): Promise<Failure | undefined> {
  const transport = await session.transport(place.host);
  options.on({ type: "reached", host: place.host.name, via: transport.via });
  for (let attempt = 1; ; attempt += 1) {
    const { plan, draft, standing } = await (operation.kind === "host"
      ? planForHost(session, operation, input, place, transport)
      : planFor(session, operation, input, place, transport));
    const { unfinished, state } = standing;
    if (draft.nothing !== undefined) {
      if (unfinished && !unfinished.alive && !options.dryRun) {
        await closeForsaken(transport, runPaths(state, appKey(place.app), unfinished.run), unfinished.run, appKey(place.app));
      }
      options.on({ type: "nothing", app: place.app.name, host: place.host.name, text: draft.nothing });
      return undefined;
    }
    options.on({ type: "plan", plan });
    if (options.dryRun) return undefined;
    if (plan.stakes && attempt === 1) await options.approve?.(plan.stakes);
    try {
      const report = await execute({
        plan,
        host: place.host,
        transport,
        paths: runPaths(state, appKey(place.app), plan.id),
        by: session.by,
        basis: basisScript(place.host, place.app),
        supersedes: unfinished?.run,
        signal: session.signal,
        on: (news) => options.on({ type: "news", plan, news }),
      });
      options.on({ type: "end", report });
      return report.failure;
    } catch (error) {
      if (error instanceof StalePlan && attempt < ATTEMPTS) continue;
      throw error instanceof StalePlan ? keepsChanging(place) : error;
    }
  }
}

/** What every plan stands on, whatever it is about. */
type Standing = Pick<AppFacts, "state" | "unfinished" | "basis">;

/** Looks at an app and makes the plan; nothing is changed. One round trip. */
async function planFor(session: Session, operation: PlannedOperation, input: Inputs<Params>, place: Place, transport: Transport) {
  const situation = await look(place, operation.wanted?.(input) ?? {}, transport);
  const context = { run: newRunId(), now: new Date(), by: session.by };
  const facts = await operation.facts?.({ session, place, transport, situation }, input);
  const draft = operation.draft(situation, context, input, facts);
  return { standing: situation.facts, draft, plan: toPlan(operation.name, place, situation.facts, context.run, draft) };
}

/** The same for what is about the host itself. */
async function planForHost(
  session: Session,
  operation: HostOperation,
  input: Inputs<Params>,
  place: Place,
  transport: Transport,
) {
  const { fleet, host } = place;
  const [standing, facts] = await Promise.all([
    hostStanding(place, transport),
    operation.facts({ session, fleet, host, transport }, input),
  ]);
  const context = { run: newRunId(), now: new Date(), by: session.by, fleet, host };
  const draft = operation.draft(facts, context, input);
  return { standing, draft, plan: toPlan(operation.name, place, standing, context.run, draft) };
}

async function hostStanding(place: Place, transport: Transport): Promise<Standing> {
  const state = stateFolder(place.host);
  const { history, ...rest } = await observe(transport, prelude(place.host), {
    history: historyProbe(state, appKey(place.app)),
    state: probe(sh`printf '%s\n' ${state}`, (seen) => seen.stdout.trim()),
    basis: probe(basisScript(place.host, place.app), (seen) => seen.stdout.trim()),
  });
  return { ...rest, unfinished: history.unfinished };
}

export async function look(place: Place, wanted: Wanted, transport: Transport): Promise<Situation> {
  const query = runtimes[place.app.runtime].look(place, wanted);
  return query.read(await observe(transport, prelude(place.host), query.probes));
}

function toPlan(operation: string, place: Place, standing: Standing, id: Plan["id"], draft: Draft): Plan {
  const { title, summary, steps, undo, watch, outcome, undoneBy, stakes } = draft;
  return {
    version: 1,
    id,
    operation,
    host: place.host.name,
    app: place.app.name,
    title,
    summary,
    basis: standing.basis,
    steps,
    undo,
    watch,
    outcome,
    undoneBy,
    stakes,
  };
}

function keepsChanging(place: Place): Failure {
  return new Failure({
    id: "plan.stale",
    exit: "refused",
    title: `${place.app.name} keeps changing under the plan: somebody else is at work there`,
    where: place.host.name,
    changed: "nothing",
    help: `tend journal ${place.app.name}`,
  });
}

/** Anything that was thrown, as a failure; what isn't one is tend's own fault and says so. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new Failure({
    id: "tend.bug",
    exit: "failed",
    title: "tend itself failed; this is its mistake, not yours",
    evidence: stack.split("\n").slice(0, 5),
    help: "please report it with the lines above",
    cause: error,
  });
}
