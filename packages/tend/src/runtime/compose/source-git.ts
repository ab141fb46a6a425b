import { liveRelease } from "../../journal/releases.ts";
import { Failure } from "../../model/failure.ts";
import type { Service } from "../../model/fleet.ts";
import { short } from "../../observe/git.ts";
import type { Step } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { command, type Script } from "../../transport/argv.ts";
import type { Place, Wanted } from "../runtime.ts";
import { retagUndo } from "./images.ts";
import type { ComposeFacts } from "./look.ts";
import { called, compose } from "./place.ts";
import { dockerDisk, pullStep, type SourcePart } from "./source.ts";

export function fromGit(place: Place, wanted: Wanted, facts: ComposeFacts, services: readonly Service[]): SourcePart {
  const { source } = place.app;
  const code = facts.code;
  if (source.kind !== "git" || !code?.target) throw new Error("a git source was planned without its facts");
  const { target } = code;
  if (wanted.tag) {
    throw new Failure({
      id: "usage",
      exit: "usage",
      title: `--tag: ${place.app.name} is built from git and has no image tag to pin`,
      help: `tend deploy ${place.app.name} --ref ${wanted.tag}`,
    });
  }
  if (target.behind > 0 && !wanted.ref) {
    throw new Failure({
      id: "code.diverged",
      exit: "refused",
      title: `the checkout has ${target.behind} ${target.behind === 1 ? "commit" : "commits"} that origin's ${source.branch} hasn't`,
      where: `${place.host.name} · ${place.app.name} · ${facts.path}`,
      evidence: [`HEAD ${short(code.head)} ${code.subject}`, `origin/${source.branch} ${short(target.commit)} ${target.subject}`],
      changed: "nothing",
      help: `push them, or deploy a commit by name: tend deploy ${place.app.name} --ref ${short(target.commit)}`,
    });
  }
  const moving = target.commit !== code.head;
  const built = services
    .filter((service) => facts.config?.services.get(service.compose)?.built)
    .map((service) => service.compose);
  const pulled = services
    .filter((service) => !facts.config?.services.get(service.compose)?.built)
    .map((service) => service.compose);
  const builtNames = built.map((name) => called(place.app, name)).join(", ");
  const former = Object.fromEntries(
    built.flatMap((name) => {
      const ref = facts.config?.services.get(name)?.image as string;
      const id = facts.images[ref];
      return id ? [[name, { ref, id }]] : [];
    }),
  );
  const live = liveRelease(facts);
  const at = `${wanted.ref && wanted.ref !== source.branch ? "" : `${source.branch} `}${short(target.commit)}`;
  const checkout: Step = {
    id: "checkout",
    title: `check out ${short(target.commit)}`,
    because: `${target.ahead} new ${target.ahead === 1 ? "commit" : "commits"}${target.behind > 0 ? `, ${target.behind} taken back` : ""}`,
    effect: "changes",
    phase: "prepare",
    action: exec(checkoutCommands(source.branch, code.branch, target.commit, Boolean(wanted.ref)), { cwd: facts.path }),
  };
  const build: Step = {
    id: "build",
    title: `build ${builtNames}`,
    because: moving ? "its code changed" : "the image may not be that of the checkout",
    effect: "changes",
    phase: "prepare",
    interruptible: true,
    action: exec([compose(place.app, "build", ...built)], { cwd: facts.path }),
    fails: {
      id: "build.failed",
      title: `${builtNames} of ${short(target.commit)} can't be built`,
      disk: dockerDisk(facts),
    },
  };
  const stale = moving || live?.code?.commit !== target.commit || built.some((name) => !former[name]);
  return {
    text: at,
    code: { commit: target.commit, branch: wanted.ref ? undefined : source.branch, subject: target.subject },
    moves: moving || live?.code?.commit !== target.commit,
    differs: moving || live?.code?.commit !== target.commit,
    reconfigures: () => false,
    summary: [
      {
        label: "code",
        text: moving
          ? `${code.branch ?? "detached"} ${short(code.head)} → ${short(target.commit)}, ${countCommits(target.ahead, target.behind)}: ${target.subject}`
          : `${at}, as it is checked out: ${target.subject}`,
      },
    ],
    prepare: [
      ...(moving ? [checkout] : []),
      ...(pulled.length > 0 ? [pullStep(place, facts, pulled, {})] : []),
      ...(built.length > 0 && stale ? [build] : []),
    ],
    enter: [],
    undo: [
      ...(moving
        ? [
            {
              of: "checkout",
              title: `back to ${short(code.head)}`,
              action: exec(backCommands(code.branch, source.branch, code.head), { cwd: facts.path }),
            },
          ]
        : []),
      ...(built.length > 0 && stale ? retagUndo("build", former) : []),
    ],
    verb: (service) => (built.includes(service.compose) && stale ? "rebuilt, " : ""),
  };
}

function checkoutCommands(branch: string, current: string | undefined, target: string, byName: boolean): readonly Script[] {
  if (byName) return [command(["git", "checkout", "--quiet", "--detach", target])];
  return [
    command(["git", "fetch", "--quiet", "origin", branch]),
    ...(current === branch ? [] : [command(["git", "checkout", "--quiet", branch])]),
    command(["git", "merge", "--quiet", "--ff-only", target]),
  ];
}

/** `--keep` refuses to lose what somebody wrote in the meantime. */
export function backCommands(current: string | undefined, branch: string, head: string): readonly Script[] {
  if (!current) return [command(["git", "checkout", "--quiet", "--detach", head])];
  return [
    ...(current === branch ? [] : [command(["git", "checkout", "--quiet", current])]),
    command(["git", "reset", "--quiet", "--keep", head]),
  ];
}

function countCommits(ahead: number, behind: number): string {
  const forward = `${ahead} ${ahead === 1 ? "commit" : "commits"}`;
  return behind > 0 ? `${forward} forward and ${behind} back` : forward;
}
