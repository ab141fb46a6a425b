import type { Script } from "../transport/argv.ts";

/** error: a service or data is at risk now. warning: it will bite. info: worth knowing; no reason to be called. */
export type Severity = "error" | "warning" | "info";

/** What a check came to for one subject. Severity says how bad a `fail` is; it isn't an outcome. */
export type Outcome = "pass" | "fail" | "skip" | "unknown" | "crash";

/**
 * What it is about: the host, one of its apps, a service or another thing: `hemma/skriptoteket/web`. What stands further
 * left contains what stands further right; that is how causes are found.
 */
export type Subject = string;

/**
 * `safe` can be done again and again, and loses nothing: `doctor --fix` does it. `plan` is an operation of tend's, which
 * shows its plan and asks. `person`: only somebody who knows can do it.
 */
export type FixClass = "safe" | "plan" | "person";

export interface Fix {
  readonly class: FixClass;
  /** What to do, in a sentence. */
  readonly text: string;
  /** The operation of tend's that does it: `tend deploy skriptoteket`. */
  readonly operation?: string;
  /** What does it by hand. Of a `safe` fix: what `--fix` runs on the host, one after the other. */
  readonly commands?: readonly Script[];
  /** Of a `safe` fix: how a person takes it back. */
  readonly undo?: readonly Script[];
}

/** What a check has found out about a subject. */
export type Verdict =
  | { readonly subject: Subject; readonly outcome: "pass" }
  | { readonly subject: Subject; readonly outcome: "skip"; readonly why: string }
  | Failing;

export interface Failing {
  readonly subject: Subject;
  readonly outcome: "fail";
  /** Where it isn't the check's own. */
  readonly severity?: Severity;
  /** What is wrong, in one sentence. */
  readonly title: string;
  /** What was seen, at most five lines. Text of containers and hosts goes in as it is: it is cleaned in one place. */
  readonly evidence: readonly string[];
  readonly cause?: string;
  readonly fix: Fix;
  /** Seconds that it has been so, where that is known. */
  readonly lasting?: number;
  /** Further subjects that suffer from it: what fails there for a reason that follows from it is folded under it. */
  readonly reaches?: readonly Subject[];
}

/** A failing verdict as it is told: cleaned, cut to size, with what follows from it. */
export interface Finding {
  readonly id: string;
  readonly host: string;
  readonly subject: Subject;
  readonly severity: Severity;
  readonly title: string;
  readonly evidence: readonly string[];
  readonly cause?: string;
  readonly fix: Fix;
  /** What is wrong only because of it. */
  readonly explains: readonly { readonly id: string; readonly subject: Subject; readonly title: string }[];
}

export function pass(subject: Subject): Verdict {
  return { subject, outcome: "pass" };
}

export function skip(subject: Subject, why: string): Verdict {
  return { subject, outcome: "skip", why };
}

export function fail(subject: Subject, what: Omit<Failing, "subject" | "outcome">): Verdict {
  return { subject, outcome: "fail", ...what };
}
