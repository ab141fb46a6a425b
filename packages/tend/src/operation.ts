import type { AppName } from "./model/names.ts";
import type { Inputs, Params } from "./params.ts";
import type { Effect } from "./plan/plan.ts";
import type { Draft, Drafting, Situation, Wanted } from "./runtime/runtime.ts";
import type { Session } from "./session.ts";

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
export interface PlannedOperation<P extends Params = Params> extends Common<P> {
  readonly kind: "planned";
  targets(input: Inputs<P>): readonly AppName[];
  wanted?(input: Inputs<P>): Wanted;
  draft(situation: Situation, context: Drafting, input: Inputs<P>): Draft;
  /** What is shown once all has gone well, until the user has seen enough. */
  afterwards?(session: Session, input: Inputs<P>, out: StreamOutput): Promise<void>;
}

/** Goes on with the plan of a run that never ended; it makes none of its own. */
export interface ResumedOperation<P extends Params = Params> extends Common<P> {
  readonly kind: "resumed";
  targets(input: Inputs<P>): readonly AppName[];
}

/** An operation that looks and answers. `data` is what `--json` prints; `lines` is for people. */
export interface ReportOperation<P extends Params = Params> extends Common<P> {
  readonly kind: "report";
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

export type Operation = PlannedOperation | ResumedOperation | ReportOperation | StreamOperation;

/** Types an operation by its own params; the registry takes them all alike. */
export function defineOperation<P extends Params>(
  operation: PlannedOperation<P> | ResumedOperation<P> | ReportOperation<P> | StreamOperation<P>,
): Operation {
  return operation as unknown as Operation;
}
