import { clean } from "../execute/evidence.ts";
import { redact } from "../execute/redact.ts";
import type { Ignored } from "../model/fleet.ts";
import type { Script } from "../transport/argv.ts";
import type { Check } from "./check.ts";
import type { Seen } from "./facts/index.ts";
import { Unmeasured } from "./facts/part.ts";
import { type Failing, type Finding, type Outcome, type Severity, type Subject, skip, type Verdict } from "./finding.ts";
import { related, type Scene, subjectOf } from "./scene.ts";

/** What the checks made of a host. */
export interface Diagnosis {
  readonly host: string;
  /** The gravest first; what only follows from another is folded under that one. */
  readonly findings: readonly Finding[];
  readonly ignored: readonly {
    readonly id: string;
    readonly subject: Subject;
    readonly title: string;
    readonly because: string;
    readonly until: string;
  }[];
  /** What could not be measured, and why. */
  readonly unknown: readonly { readonly id: string; readonly subject: Subject; readonly why: string }[];
  /** Mistakes of tend's own. */
  readonly crashed: readonly { readonly id: string; readonly error: string }[];
  /** How many verdicts came to what. */
  readonly counts: Readonly<Record<Outcome, number>>;
}

interface Judged {
  readonly check: Check;
  readonly verdict: Verdict;
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };
const MOST_EVIDENCE = 5;

/** Judges facts; pure. */
export function judge(
  checks: readonly Check[],
  seen: Seen,
  scene: Scene,
  options: { readonly hardening?: boolean } = {},
): Diagnosis {
  const judged: Judged[] = [];
  const unknown: { id: string; subject: Subject; why: string }[] = [];
  const crashed: { id: string; error: string }[] = [];
  for (const check of checks) {
    if (check.hardening && !options.hardening) continue;
    try {
      for (const verdict of check.judge(seen, scene)) judged.push({ check, verdict: settled(check, verdict) });
    } catch (error) {
      if (error instanceof Unmeasured) unknown.push({ id: check.id, subject: subjectOf(scene), why: tidy(error.message) });
      else crashed.push({ id: check.id, error: stackOf(error).split("\n").map(tidy).join("\n") });
    }
  }
  const asked = judged.map((one) => heldBack(one, judged, unknown));
  const failing = asked.flatMap(({ check, verdict }) => (verdict.outcome === "fail" ? [{ check, verdict }] : []));
  const ignored = failing.flatMap(({ check, verdict }) => {
    const rule = scene.fleet.doctor.ignore.find((one) => isIgnored(one, check.id, verdict.subject, scene.now));
    return rule ? [{ check, verdict, rule }] : [];
  });
  const told = failing.filter(({ verdict }) => !ignored.some((one) => one.verdict === verdict));
  return {
    host: scene.host.name,
    findings: folded(told, scene),
    ignored: ignored.map(({ check, verdict, rule }) => ({
      id: check.id,
      subject: tidy(verdict.subject),
      title: tidy(verdict.title),
      because: rule.because,
      until: rule.until,
    })),
    unknown,
    crashed,
    counts: {
      pass: asked.filter(({ verdict }) => verdict.outcome === "pass").length,
      fail: failing.length,
      skip: asked.filter(({ verdict }) => verdict.outcome === "skip").length,
      unknown: unknown.length,
      crash: crashed.length,
    },
  };
}

function settled(check: Check, verdict: Verdict): Verdict {
  if (verdict.outcome !== "fail" || check.settle === undefined || verdict.lasting === undefined) return verdict;
  if (verdict.lasting >= check.settle) return verdict;
  return skip(verdict.subject, `it has been so for ${Math.round(verdict.lasting)} s; told after ${check.settle} s`);
}

/** A check whose prerequisite doesn't hold, or can't be told, says nothing: one alarm is enough. */
function heldBack(
  one: Judged,
  all: readonly Judged[],
  unknown: readonly { readonly id: string; readonly why: string }[],
): Judged {
  const { check, verdict } = one;
  const { subject, outcome } = verdict;
  if (outcome !== "fail") return one;
  const fails = (id: string) =>
    all.some((other) => other.check.id === id && other.verdict.outcome === "fail" && related(other.verdict.subject, subject));
  for (const need of check.needs ?? []) {
    if (unknown.some(({ id }) => id === need)) return { check, verdict: skip(subject, `${need} can't be told`) };
    if (fails(need)) return { check, verdict: skip(subject, `${need} fails`) };
  }
  return one;
}

interface Told {
  readonly check: Check;
  readonly verdict: Failing;
}

/** Under the first of its causes, and theirs under theirs: what is left on top are the roots. */
function folded(told: readonly Told[], scene: Scene): readonly Finding[] {
  const typed = typedIn(scene);
  const causeOf = (one: Told): Told | undefined => {
    for (const id of one.check.follows ?? []) {
      const cause = told.find((other) => other !== one && other.check.id === id && reaches(other.verdict, one.verdict.subject));
      if (cause) return cause;
    }
    return undefined;
  };
  const rootOf = (one: Told): Told => {
    let root = one;
    for (let steps = 0; steps < told.length; steps += 1) {
      const cause = causeOf(root);
      if (!cause) break;
      root = cause;
    }
    return root;
  };
  const roots = new Map<Told, Told[]>();
  for (const one of told) {
    const root = rootOf(one);
    if (!roots.has(root)) roots.set(root, []);
    if (root !== one) roots.get(root)?.push(one);
  }
  return [...roots]
    .map(
      ([{ check, verdict }, explains]): Finding => ({
        id: check.id,
        host: scene.host.name,
        subject: tidy(verdict.subject),
        severity: gravest([
          verdict.severity ?? check.severity,
          ...explains.map((one) => one.verdict.severity ?? one.check.severity),
        ]),
        title: tidy(verdict.title),
        evidence: verdict.evidence
          .flatMap((line) => line.split("\n"))
          .filter((line) => line.trim() !== "")
          .slice(0, MOST_EVIDENCE)
          .map(tidy),
        cause: verdict.cause && tidy(verdict.cause),
        fix: {
          ...verdict.fix,
          text: tidy(typed(verdict.fix.text)),
          operation: verdict.fix.operation && tidy(typed(verdict.fix.operation)),
          // What can't be shown as it is isn't offered either, and never run.
          commands: verdict.fix.commands?.every(isPlain) ? verdict.fix.commands : undefined,
          undo: verdict.fix.undo?.every(isPlain) ? verdict.fix.undo : undefined,
        },
        explains: explains.map((one) => ({
          id: one.check.id,
          subject: tidy(one.verdict.subject),
          title: tidy(one.verdict.title),
        })),
      }),
    )
    .sort((one, other) => RANK[one.severity] - RANK[other.severity] || (one.id < other.id ? -1 : 1));
}

function reaches(cause: Failing, subject: Subject): boolean {
  return [cause.subject, ...(cause.reaches ?? [])].some((reached) => related(reached, subject));
}

/** A command as it has to be typed to mean the same apps: without its environment it would be about production. */
function typedIn({ apps }: Scene): (text: string) => string {
  const environment = apps.find((app) => app.environment !== undefined)?.environment;
  if (environment === undefined) return (text) => text;
  const command = new RegExp(`\\btend (?=[a-z]+(?: [a-z]+)? (?:${apps.map((app) => app.name).join("|")}|--domain)\\b)`, "g");
  return (text) => text.replaceAll(command, `tend -e ${environment} `);
}

function gravest(all: readonly Severity[]): Severity {
  return all.reduce((one, other) => (RANK[other] < RANK[one] ? other : one));
}

/** Whatever a container, a label or a file says of itself can't break, restyle or forge what tend prints, nor carry a secret out. */
function tidy(text: string): string {
  return redact(clean(text));
}

/** Longer than any that a check writes: what it names is none that a person gave. */
const MOST_OF_A_COMMAND = 4000;

function isPlain({ text }: Script): boolean {
  return text.length <= MOST_OF_A_COMMAND && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text.replaceAll(/[\n\t]/g, ""));
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function isIgnored(rule: Ignored, id: string, subject: Subject, now: Date): boolean {
  if (rule.check !== id || now >= new Date(`${rule.until}T23:59:59Z`)) return false;
  return rule.on === undefined || subject === rule.on || subject.startsWith(`${rule.on}/`) || subject.endsWith(`/${rule.on}`);
}
