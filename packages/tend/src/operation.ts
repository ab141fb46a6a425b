import type { Fleet, Host } from "./model/fleet.ts";
import type { AppName, HostName } from "./model/names.ts";
import type { Inputs, Params } from "./params.ts";
import type { Effect } from "./plan/plan.ts";
import type { Draft, Drafting, Place, Situation, Wanted } from "./runtime/runtime.ts";
import type { Session } from "./session.ts";
import type { Transport } from "./transport/transport.ts";

export interface Example {
  readonly command: string;
  readonly explains: string;
}

interface Common<P extends Params> {
  readonly name: string;
  /** One line, for lists. */
  readonly summary: string;
  /** What it does beyond the summary; paragraphs. */
  readonly details?: string;
  readonly effect: Effect;
  readonly params: P;
  readonly examples: readonly Example[];
}

/** An operation that is a plan: it can be shown, executed, journaled, resumed. */
export interface PlannedOperation<P extends Params = Params, F = unknown> extends Common<P> {
  readonly kind: "planned";
  /** Whose name is asked for before it begins, where it destroys what can't be had back: `the app`. */
  readonly asks?: string;
  targets(input: Inputs<P>): readonly AppName[];
  wanted?(input: Inputs<P>): Wanted;
  /** What it has to know beyond the app's situation; it reads, and changes nothing. */
  facts?(look: Look, input: Inputs<P>): Promise<F>;
  draft(situation: Situation, context: Drafting, input: Inputs<P>, facts: F): Draft;
  /** What is shown once all has gone well, until the user has seen enough; answers an exit code, where it isn't 0. */
  afterwards?(session: Session, input: Inputs<P>, out: StreamOutput): Promise<number | undefined>;
}

/** What an operation may look at before it makes its plan. */
export interface Look {
  readonly session: Session;
  readonly place: Place;
  readonly transport: Transport;
  readonly situation: Situation;
}

/** An operation that is a plan about a host itself: its disk, its certificates, its proxy. Its lock and its journal are the host's, `@hemma`. */
export interface HostOperation<P extends Params = Params, F = unknown> extends Common<P> {
  readonly kind: "host";
  readonly asks?: string;
  /** Which hosts; of the fleet, in its order. */
  targets(input: Inputs<P>, fleet: Fleet): readonly HostName[];
  /** All that the draft needs to know; it reads, and changes nothing. */
  facts(look: HostLook, input: Inputs<P>): Promise<F>;
  draft(facts: F, context: Drafting & { readonly fleet: Fleet; readonly host: Host }, input: Inputs<P>): Draft;
  /** What is shown once all has gone well; answers an exit code, where it isn't 0. */
  afterwards?(session: Session, input: Inputs<P>, out: StreamOutput): Promise<number | undefined>;
}

export interface HostLook {
  readonly session: Session;
  readonly fleet: Fleet;
  readonly host: Host;
  readonly transport: Transport;
}

/** Goes on with the plan of a run that never ended; it makes none of its own. */
export interface ResumedOperation<P extends Params = Params> extends Common<P> {
  readonly kind: "resumed";
  targets(input: Inputs<P>): readonly AppName[];
}

/** An operation that looks and answers. `data` is what `--json` prints; `lines` is for people. */
export interface ReportOperation<P extends Params = Params> extends Common<P> {
  readonly kind: "report";
  /** What it does instead where a flag asks for more than a look: `doctor --fix`. It takes the same params. */
  readonly acts?: { readonly flag: string; readonly operation: Operation };
  report(session: Session, input: Inputs<P>): Promise<Report>;
}

export interface Report {
  readonly data: unknown;
  readonly lines: readonly string[];
  readonly exit?: number;
}

/** An operation that goes on: it prints as it comes, and answers with an exit status. */
export interface StreamOperation<P extends Params = Params> extends Common<P> {
  readonly kind: "stream";
  stream(session: Session, input: Inputs<P>, out: StreamOutput): Promise<number>;
}

export interface StreamOutput {
  readonly json: boolean;
  readonly tty: boolean;
  write(line: string): void;
}

export type Operation = PlannedOperation | HostOperation | ResumedOperation | ReportOperation | StreamOperation;

/** Operations that execute a plan: they take `--dry-run`, a lock, and stand in the journal. */
export type Executed = PlannedOperation | HostOperation | ResumedOperation;

export function isExecuted(operation: Operation): operation is Executed {
  return operation.kind === "planned" || operation.kind === "host" || operation.kind === "resumed";
}

/** Types an operation by its own params; the registry takes them all alike. */
export function defineOperation<P extends Params, F = undefined>(
  operation: PlannedOperation<P, F> | HostOperation<P, F> | ResumedOperation<P> | ReportOperation<P> | StreamOperation<P>,
): Operation {
  return operation as unknown as Operation;
}
