import type { RunId } from "./names.ts";

/** Exit codes are a promise to scripts. Never 255: that is ssh's own. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  findings: 3,
  approval: 4,
  refused: 5,
  locked: 6,
  unreachable: 7,
  resumable: 8,
  interrupted: 130,
} as const;
export type ExitName = keyof typeof EXIT;

export interface FailureParts {
  /** `topic.what`, such as `release.unhealthy`: stable, for scripts and for looking things up. */
  readonly id: string;
  /** One sentence: what is wrong. */
  readonly title: string;
  readonly exit: Exclude<ExitName, "ok">;
  readonly where?: string;
  /** What was seen, at most five lines, redacted. */
  readonly evidence?: readonly string[];
  readonly why?: string;
  /** What changed and what did not. */
  readonly changed?: string;
  /** The one command, or the one thing to do, that helps. */
  readonly help?: string;
  readonly run?: RunId;
  readonly cause?: unknown;
}

/** An error that a person can act on. Everything tend throws on purpose is one of these. */
export class Failure extends Error {
  readonly parts: FailureParts;

  constructor(parts: FailureParts) {
    super(parts.title, { cause: parts.cause });
    this.name = "Failure";
    this.parts = parts;
  }

  get id(): string {
    return this.parts.id;
  }

  /** The same failure with more known about it; what is known already stays. */
  with(more: Partial<FailureParts>): Failure {
    return new Failure({ ...more, ...defined(this.parts) });
  }

  /** The same failure with something in place of what it said. */
  butWith(other: Partial<FailureParts>): Failure {
    return new Failure({ ...this.parts, ...defined(other) });
  }
}

function defined<T extends object>(parts: T): T {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as T;
}
