import { doStoreAction } from "../backup/act.ts";
import { doDnsAction } from "../dns/act.ts";
import type { Event, RunEnd, RunResult, StepResult } from "../journal/events.ts";
import { Failure } from "../model/failure.ts";
import type { Host } from "../model/fleet.ts";
import type { RunId } from "../model/names.ts";
import { type Action, isDnsAction, isDoneHere, isStoreAction, type Plan, type Step } from "../plan/plan.ts";
import { lines, type Script, sh } from "../transport/argv.ts";
import type { Transport } from "../transport/transport.ts";
import { clean, firstErrors } from "./evidence.ts";
import { type GapReport, worst } from "./gap.ts";
import { doHere, type Outcome, probeUntil } from "./here.ts";
import { HostRun } from "./host-run.ts";
import { isUndo, type RunPaths, undoId } from "./host-script.ts";
import { knownTrouble } from "./known-trouble.ts";
import { Watcher } from "./watcher.ts";

/** Everything that an execution needs; it takes no decisions of its own. */
export interface Execution {
  readonly plan: Plan;
  readonly host: Host;
  readonly transport: Transport;
  readonly paths: RunPaths;
  readonly by: string;
  /** Recomputes the plan's basis on the host; without it the plan is taken at its word (a resumed run). */
  readonly basis?: Script;
  /** A run that began and never ended; this one takes its place. */
  readonly supersedes?: RunId;
  /** What a resumed run has behind it. */
  readonly past?: readonly Event[];
  /** The part of the resumed run that the host is still at: it is waited for before anything else. */
  readonly running?: number;
  readonly signal?: AbortSignal;
  /** Told of everything as it happens. */
  readonly on: (news: News) => void;
}

export type News =
  | { readonly type: "step.start"; readonly step: string }
  | {
      readonly type: "step.end";
      readonly step: string;
      readonly result: StepResult;
      readonly ms: number;
      /** Why there was nothing to do. */
      readonly note?: string;
    }
  | { readonly type: "undo.start"; readonly count: number }
  | { readonly type: "undo.end"; readonly step: string; readonly title: string; readonly result: "done" | "failed" };

export interface RunReport {
  readonly plan: Plan;
  readonly result: RunResult;
  readonly gap?: GapReport;
  readonly ms: number;
  readonly skipped: readonly string[];
  readonly failure?: Failure;
}

/** Walks a plan to its end, or back to where it began. Throws what kept it from beginning, or from being seen through. */
export async function execute(execution: Execution): Promise<RunReport> {
  return new Walk(execution).run();
}

class Walk {
  readonly #execution: Execution;
  readonly #host: HostRun;
  readonly #began = performance.now();
  readonly #started = new Map<string, number>();
  readonly #done = new Set<string>();
  readonly #skipped = new Set<string>();
  readonly #guards = new Map<string, boolean>();
  /** Events of steps that were done here, still to be written down on the host. */
  readonly #unwritten: Event[] = [];
  #watchers: readonly Watcher[] = [];
  #gap: GapReport | undefined;
  #failed: { readonly step: Step; readonly exit: number; readonly failure?: Failure } | undefined;
  /** The number of the part that is under way; parts are numbered on through a resume. */
  #segment = 0;
  #begun = false;
  /** What was begun is being taken back; whoever takes such a run up goes on with that. */
  #takingBack = false;
  readonly #undoFailed: string[] = [];
  #events: AsyncGenerator<Event> | undefined;

  constructor(execution: Execution) {
    this.#execution = execution;
    this.#host = new HostRun(execution.transport, execution.host, execution.plan, execution.paths);
    for (const event of execution.past ?? []) this.#remember(event);
  }

  async run(): Promise<RunReport> {
    const { plan, signal } = this.#execution;
    // Where the connection is gone, too, the host can't be asked to stop: it ends the part that it is at.
    const interrupt = () => void this.#interrupt().catch(() => undefined);
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      if (this.#execution.past) await this.#pickUp();
      for (const part of parts(plan.steps.filter((step) => !this.#done.has(step.id)))) {
        if (this.#failed || this.#takingBack || signal?.aborted) break;
        if (part.here) await this.#doHere(part.steps[0] as Step);
        else await this.#doOnHost(part.steps, part.phase === "finish");
      }
      const failure = await this.#explain();
      if (failure) await this.#undo();
      // Users wait until the former release serves again: that belongs to the gap.
      this.#endWatch();
      return await this.#finish(failure);
    } finally {
      signal?.removeEventListener("abort", interrupt);
      for (const watcher of this.#watchers) watcher.stop();
      await this.#events?.return(undefined);
      this.#host.close();
    }
  }

  /** Takes a run up that another tend began. A part that the host is still at is followed to its end first. */
  async #pickUp(): Promise<void> {
    const { running } = this.#execution;
    const ended = this.#segment;
    await this.#start(sh`:`);
    // Between its last word and its end a part counts as both ended and running.
    if (running === undefined || running <= ended) return;
    this.#segment = running;
    await this.#followSegment();
  }

  async #doOnHost(steps: readonly Step[], last: boolean): Promise<void> {
    this.#segment += 1;
    if (last) this.#endWatch();
    await this.#start(this.#host.segment(this.#segment, steps), last);
    if (!last) this.#watch();
    await this.#followSegment();
  }

  /** The first part starts together with the run itself. */
  async #start(script: Script, withGap = false): Promise<void> {
    const { plan, by, supersedes } = this.#execution;
    if (this.#begun) {
      const noted = this.#host.note(this.#unwritten.splice(0));
      await this.#host.start(lines([noted, withGap ? this.#host.gap(this.#gap) : sh`:`, script]));
      return;
    }
    const at = new Date().toISOString();
    const first: Event[] = [
      { v: 1, at, type: "run.start", run: plan.id, operation: plan.operation, app: plan.app, title: plan.title, by },
    ];
    if (supersedes)
      first.unshift({
        v: 1,
        at,
        type: "run.end",
        run: supersedes,
        app: plan.app,
        result: "superseded",
        text: `run ${plan.id} took its place`,
      });
    const owner = { run: plan.id, title: plan.title, by, since: at };
    await this.#host.begin(owner, this.#execution.basis, this.#execution.past ? [] : first, script);
    this.#begun = true;
  }

  async #followSegment(): Promise<void> {
    this.#events ??= this.#host.events(this.#execution.past ?? []);
    for (;;) {
      const { value: event, done } = await this.#events.next();
      if (done) return;
      if (this.#isDoneHere(event)) continue;
      this.#remember(event);
      this.#tell(event);
      if (event.type === "segment.end" && (event.segment === this.#segment || event.segment === 0)) return;
    }
  }

  /** Told when it happened, and now heard again from the host, where it was written down. */
  #isDoneHere(event: Event): boolean {
    return "step" in event && this.#execution.plan.steps.some((step) => step.id === event.step && isDoneHere(step.action));
  }

  #remember(event: Event): void {
    const { plan } = this.#execution;
    if (event.type === "step.start" && isUndo(event.step)) this.#takingBack = true;
    else if (event.type === "step.start") this.#started.set(event.step, Date.parse(event.at));
    if (event.type === "segment.end") this.#segment = Math.max(this.#segment, event.segment);
    if (event.type !== "step.end") return;
    const step = plan.steps.find((one) => one.id === event.step);
    if (!step) return;
    if (step.guard) this.#guards.set(step.guard.id, event.result !== "skipped");
    if (event.result === "failed") this.#failed = { step, exit: event.exit };
    else this.#done.add(step.id);
    if (event.result === "skipped" || event.result === "nothing") this.#skipped.add(step.id);
  }

  #tell(event: Event): void {
    const { plan, on } = this.#execution;
    if (event.type === "step.start" && plan.steps.some((step) => step.id === event.step))
      on({ type: "step.start", step: event.step });
    if (event.type !== "step.end") return;
    if (plan.steps.some((step) => step.id === event.step)) {
      on({
        type: "step.end",
        step: event.step,
        result: event.result,
        note: event.note && clean(event.note),
        ms: Date.parse(event.at) - (this.#started.get(event.step) ?? Date.parse(event.at)),
      });
    }
  }

  async #doHere(step: Step): Promise<void> {
    const { transport, signal } = this.#execution;
    if (!this.#begun) await this.#start(sh`:`);
    if (step.guard && !(await this.#holds(step.guard))) {
      this.#note({ v: 1, at: now(), type: "step.end", run: this.#execution.plan.id, step: step.id, result: "skipped", exit: 0 });
      return;
    }
    this.#watch();
    this.#note({ v: 1, at: now(), type: "step.start", run: this.#execution.plan.id, step: step.id });
    const outcome = await this.#outcomeOf(step.action, transport, signal);
    this.#note({
      v: 1,
      at: now(),
      type: "step.end",
      run: this.#execution.plan.id,
      step: step.id,
      result: !outcome.ok ? "failed" : outcome.nothing === undefined ? "done" : "nothing",
      exit: outcome.ok ? 0 : 1,
      note: outcome.nothing,
    });
    if (!outcome.ok) this.#failed = { step, exit: 1, failure: outcome.failure ?? failureOf(step, outcome.text) };
  }

  #outcomeOf(action: Action, transport: Transport, signal: AbortSignal | undefined): Promise<Outcome> {
    if (action.kind === "probe") return probeUntil(action, transport, signal);
    if (isDnsAction(action)) return doDnsAction(action, transport, signal);
    if (isStoreAction(action)) return doStoreAction(action, transport, signal);
    if (action.kind === "exec") return doHere(action, signal);
    throw new TypeError(`a ${action.kind} is the host's work`);
  }

  async #holds(guard: NonNullable<Step["guard"]>): Promise<boolean> {
    const known = this.#guards.get(guard.id);
    if (known !== undefined) return known;
    const answer = await this.#host.holds(guard.check);
    this.#guards.set(guard.id, answer);
    return answer;
  }

  #note(event: Event): void {
    this.#unwritten.push(event);
    this.#remember(event);
    this.#tell(event);
  }

  #watch(): void {
    if (this.#watchers.length === 0 && this.#gap === undefined)
      this.#watchers = this.#execution.plan.watch.map((watch) => new Watcher(watch));
  }

  #endWatch(): void {
    const reports = this.#watchers.map((watcher) => watcher.stop()).filter((report) => report !== undefined);
    this.#watchers = [];
    if (reports.length > 0) this.#gap = reports.reduce(worst);
  }

  async #interrupt(): Promise<void> {
    const current = this.#execution.plan.steps.findLast((step) => this.#started.has(step.id) && !this.#done.has(step.id));
    if (this.#begun) await this.#host.stop(current?.interruptible ? { step: current.id } : undefined);
  }

  async #explain(): Promise<Failure | undefined> {
    const { plan, signal } = this.#execution;
    if (signal?.aborted || (this.#takingBack && !this.#failed)) {
      return new Failure({
        id: "run.interrupted",
        exit: "interrupted",
        title: `${plan.operation} of ${plan.app} was interrupted`,
        run: plan.id,
      });
    }
    if (!this.#failed) return undefined;
    const { step, failure } = this.#failed;
    if (failure) return failure;
    const all = `${this.#execution.paths.run}/out/${step.id}`;
    return failureOf(step, await this.#host.output(step.id)).with({ help: `${plan.host}:${all} has all that it printed` });
  }

  async #undo(): Promise<void> {
    const { plan, on } = this.#execution;
    const undo = plan.undo.filter((one) => this.#started.has(one.of));
    if (undo.length === 0) return;
    on({ type: "undo.start", count: undo.length });
    this.#segment += 1;
    await this.#start(this.#host.undo(this.#segment, undo));
    this.#events ??= this.#host.events(this.#execution.past ?? []);
    for (let open = true; open; ) {
      const { value: event, done } = await this.#events.next();
      if (done || (event.type === "segment.end" && event.segment === this.#segment)) open = false;
      else if (event.type === "step.end" && isUndo(event.step)) {
        const at = undo.findIndex((_, index) => undoId(index) === event.step);
        on({
          type: "undo.end",
          step: event.step,
          title: undo[at]?.title ?? event.step,
          result: event.result === "done" ? "done" : "failed",
        });
        if (event.result !== "done") this.#undoFailed.push(undo[at]?.title ?? event.step);
      }
    }
  }

  async #finish(failure: Failure | undefined): Promise<RunReport> {
    const { plan } = this.#execution;
    const known = { where: `${plan.host} · ${plan.app}`, changed: this.#whatChanged(), run: plan.id };
    const complete = this.#undoFailed.length > 0 ? failure?.butWith(goOn(plan)).with(known) : failure?.with(known);
    const result: RunResult = !complete
      ? "done"
      : complete.parts.exit === "interrupted"
        ? "interrupted"
        : complete.parts.exit === "refused"
          ? "refused"
          : "failed";
    const last: RunEnd = {
      v: 1,
      at: now(),
      type: "run.end",
      run: plan.id,
      app: plan.app,
      result,
      text: complete ? complete.message : plan.title,
      failure: complete && { id: complete.id, title: complete.message },
      gap: this.#gap,
    };
    // A run that could not be taken back altogether hasn't ended: whoever resumes it takes back the rest.
    if (this.#begun && this.#undoFailed.length > 0) await this.#host.leave(this.#unwritten);
    else if (this.#begun) await this.#host.end(this.#unwritten, last);
    return { plan, result, gap: this.#gap, ms: performance.now() - this.#began, skipped: [...this.#skipped], failure: complete };
  }

  #whatChanged(): string {
    const { plan } = this.#execution;
    if (this.#undoFailed.length > 0) return `not everything could be taken back; what could not: ${this.#undoFailed.join("; ")}`;
    const left = this.#failed?.step.allOrNothing ? this.#failed.step.id : undefined;
    const changed = plan.steps.filter((step) => this.#started.has(step.id) && step.effect !== "reads" && step.id !== left);
    const lasting = [...new Set(changed.flatMap((step) => step.lasting ?? []))];
    if (lasting.length > 0) return `${this.#whatStays(changed)}; but ${lasting.join("; ")}`;
    return this.#whatStays(changed);
  }

  #whatStays(changed: readonly Step[]): string {
    const { plan } = this.#execution;
    const switched = changed.filter((step) => step.phase === "switch");
    if (changed.length === 0) return "nothing";
    if (plan.undo.length === 0) return changed.map((step) => step.title).join("; ");
    const first = plan.operation === "deploy" && plan.undoneBy === undefined;
    if (switched.length === 0) return first ? "nothing that users see" : "nothing that users see; what was serving still is";
    return first
      ? "nothing lasting: what was started is gone again"
      : "nothing lasting: what was serving before is serving again";
  }
}

/** Consecutive steps that the host can do by itself, phase by phase; a step that is done here stands alone. */
function parts(
  steps: readonly Step[],
): readonly { readonly here: boolean; readonly phase: Step["phase"]; readonly steps: readonly Step[] }[] {
  const result: { here: boolean; phase: Step["phase"]; steps: Step[] }[] = [];
  for (const step of steps) {
    const here = isDoneHere(step.action);
    const last = result.at(-1);
    if (last && !here && !last.here && last.phase === step.phase) last.steps.push(step);
    else result.push({ here, phase: step.phase, steps: [step] });
  }
  return result;
}

function failureOf(step: Step, output: string): Failure {
  const log = step.action.kind === "wait" || step.fails?.noRegistry;
  const known = knownTrouble(output, { images: step.fails?.images, disk: step.fails?.disk, log });
  return new Failure({
    exit: step.fails?.exit ?? "failed",
    title: step.fails?.title ?? `"${step.title}" failed`,
    evidence: firstErrors(output),
    help: step.fails?.help,
    ...known,
    why: known.id === undefined ? (step.fails?.why ?? known.why) : (known.why ?? step.fails?.why),
    id: step.fails?.id === "release.unhealthy" ? step.fails.id : (known.id ?? step.fails?.id ?? "step.failed"),
  });
}

function goOn(plan: Plan): { readonly help: string } {
  return { help: `tend resume ${plan.app} takes back the rest, once what kept it from that is mended` };
}

function now(): string {
  return new Date().toISOString();
}
