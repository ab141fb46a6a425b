import { Failure } from "../../model/failure.ts";
import { type CodeFacts, short } from "../../observe/git.ts";
import type { Step, SummaryLine, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command, type Script } from "../../transport/argv.ts";
import type { Place, Wanted } from "../runtime.ts";
import type { ProcessFacts } from "./look.ts";

/** The commit that is wanted, and what brings the checkout there. */
export interface Checkout {
  readonly commit: string;
  readonly branch?: string;
  readonly subject: string;
  /** For people: `main 8d04e7b`. */
  readonly text: string;
  readonly summary: SummaryLine;
  readonly steps: readonly Step[];
  readonly undo: readonly Undo[];
}

/** The checkout goes along, by fast-forward only: whoever looks into the folder finds what is live. */
export function toWanted(place: Place, wanted: Wanted, facts: ProcessFacts): Checkout {
  const { app } = place;
  const { code } = facts;
  if (app.source.kind !== "git" || !code?.target) throw new Error("a process was planned without its code");
  const { branch } = app.source;
  const { target } = code;
  if (wanted.tag) {
    throw new Failure({
      id: "usage",
      exit: "usage",
      title: `--tag: ${app.name} runs its code as it is and has no image tag to pin`,
      help: `tend deploy ${app.name} --ref ${wanted.tag}`,
    });
  }
  if (target.behind > 0 && !wanted.ref) throw diverged(place, facts.path, code, branch);
  const moving = target.commit !== code.head;
  const text = `${wanted.ref && wanted.ref !== branch ? "" : `${branch} `}${short(target.commit)}`;
  const from = `${code.branch ?? "detached"} ${short(code.head)}`;
  return {
    commit: target.commit,
    branch: wanted.ref ? undefined : branch,
    subject: target.subject,
    text,
    summary: {
      label: "code",
      text: moving
        ? `${from} → ${short(target.commit)}, ${countCommits(target)}: ${target.subject}`
        : `${text}, as it is checked out: ${target.subject}`,
    },
    steps: moving
      ? [
          checkoutStep(
            facts.path,
            target.commit,
            `${countCommits(target)} in the checkout`,
            forward(branch, code, Boolean(wanted.ref)),
          ),
        ]
      : [],
    undo: moving ? [backTo(facts.path, branch, code)] : [],
  };
}

/** An older release's commit; where the checkout hasn't got it any more, the release's own copy does without. */
export function toRelease(place: Place, facts: ProcessFacts, commit: string | undefined): Pick<Checkout, "steps" | "undo"> {
  const { source } = place.app;
  const { code } = facts;
  if (source.kind !== "git" || !code || !commit || code.head === commit) return { steps: [], undo: [] };
  const detach = command(["git", "checkout", "--quiet", "--detach", commit]);
  return {
    steps: [checkoutStep(facts.path, commit, "the checkout shows what is live", [detach])],
    undo: [backTo(facts.path, source.branch, code)],
  };
}

function checkoutStep(cwd: string, commit: string, because: string, commands: readonly Script[]): Step {
  return {
    id: "checkout",
    title: `check out ${short(commit)}`,
    because,
    effect: "changes",
    phase: "prepare",
    action: exec(commands, { cwd }),
  };
}

function forward(branch: string, { branch: current, target }: CodeFacts, byName: boolean): readonly Script[] {
  const commit = target?.commit ?? "HEAD";
  if (byName) return [command(["git", "checkout", "--quiet", "--detach", commit])];
  return [
    command(["git", "fetch", "--quiet", "origin", branch]),
    ...(current === branch ? [] : [command(["git", "checkout", "--quiet", branch])]),
    command(["git", "merge", "--quiet", "--ff-only", commit]),
  ];
}

/** `--keep` refuses to lose what somebody wrote in the meantime. */
function backTo(cwd: string, branch: string, { branch: current, head }: CodeFacts): Undo {
  const commands = current
    ? [
        ...(current === branch ? [] : [command(["git", "checkout", "--quiet", current])]),
        command(["git", "reset", "--quiet", "--keep", head]),
      ]
    : [command(["git", "checkout", "--quiet", "--detach", head])];
  return { of: "checkout", title: `back to ${short(head)}`, action: exec(commands, { cwd }) };
}

function diverged({ app, host }: Place, path: string, { head, subject, target }: CodeFacts, branch: string): Failure {
  const behind = target?.behind ?? 0;
  return new Failure({
    id: "code.diverged",
    exit: "refused",
    title: `the checkout has ${behind} ${behind === 1 ? "commit" : "commits"} that origin's ${branch} hasn't`,
    where: `${host.name} · ${app.name} · ${path}`,
    evidence: [`HEAD ${short(head)} ${subject}`, `origin/${branch} ${short(target?.commit ?? "")} ${target?.subject}`],
    changed: "nothing",
    help: `push them, or deploy a commit by name: tend deploy ${app.name} --ref ${short(target?.commit ?? "")}`,
  });
}

function countCommits({ ahead, behind }: NonNullable<CodeFacts["target"]>): string {
  const forward = `${ahead} new ${ahead === 1 ? "commit" : "commits"}`;
  return behind > 0 ? `${forward}, ${behind} taken back` : forward;
}
