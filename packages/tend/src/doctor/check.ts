import type { Seen } from "./facts/index.ts";
import type { FixClass, Severity, Verdict } from "./finding.ts";
import type { Scene } from "./scene.ts";

/**
 * One thing that can be wrong. A check judges facts that are there already: it runs nothing, knows no clock but the
 * scene's, and answers the same for the same facts. Adding one is a file in checks/, a line in checks/index.ts, and its cases beside it.
 */
export interface Check {
  /** `area.what`, stable: for scripts, the ignore list and `doctor explain`. */
  readonly id: string;
  /** The gravest that it reports. */
  readonly severity: Severity;
  /** What it finds, as the middle of a sentence: `a disk that is nearly full`. */
  readonly finds: string;
  /** Why that matters and what is looked at, for `doctor explain` and the reference. */
  readonly about: string;
  /** How it is mended, for the same. */
  readonly remedy: string;
  readonly fixClass: FixClass;
  /** Told only with `--hardening`: advice, not a fault. */
  readonly hardening?: boolean;
  /** Checks that have to hold first: where one of them doesn't, or can't be told, this one says nothing. */
  readonly needs?: readonly string[];
  /** Checks whose finding is the cause where both fail: this one's is then folded under that. */
  readonly follows?: readonly string[];
  /** Seconds that it must have been so before it is told. */
  readonly settle?: number;
  /** What holds is passed, what doesn't fails; what it has nothing to say about is left out. A fact that could not be measured ends it. */
  judge(seen: Seen, scene: Scene): Iterable<Verdict>;
}

export function defineCheck(check: Check): Check {
  return check;
}
