import type { Step, Undo } from "../plan/plan.ts";

/** The parts of a restore, for a plan of its own and for a rollback with data. */
export interface RestoreParts {
  /** While the app serves. */
  readonly prepare: readonly Step[];
  /** While it is stopped. */
  readonly swap: readonly Step[];
  /** Once it runs. */
  readonly finish: readonly Step[];
  readonly undo: readonly Undo[];
  readonly former: string;
  readonly renew: boolean;
  /** The backup of what is there now. */
  readonly before?: string;
}
