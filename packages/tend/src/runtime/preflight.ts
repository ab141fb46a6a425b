import { distance } from "fastest-levenshtein";
import { Failure, type FailureParts } from "../model/failure.ts";
import type { App } from "../model/fleet.ts";
import type { ServiceName } from "../model/names.ts";
import type { CodeFacts } from "../observe/git.ts";
import type { Place } from "./runtime.ts";

/** What stands in the way of a plan. */
export type Problem = Omit<FailureParts, "exit" | "where">;

/** Throws the first problem; the others are named in its evidence. */
export function refuse(place: Place, path: string, problems: readonly Problem[]): void {
  const [first, ...others] = problems;
  if (!first) return;
  const alsoWrong = others.length > 0 ? [`also: ${others.map((problem) => problem.title).join("; ")}`] : [];
  throw new Failure({
    exit: first.id === "docker.unreachable" ? "unreachable" : "refused",
    where: `${place.host.name} · ${place.app.name} · ${path}`,
    changed: "nothing",
    ...first,
    evidence: [...(first.evidence ?? []), ...alsoWrong].slice(0, 5),
  });
}

/** What stands in the way of another commit in the checkout. */
export function* checkoutProblems(
  app: App,
  { code, codeTrouble, path }: { readonly code?: CodeFacts; readonly codeTrouble?: string; readonly path: string },
): Generator<Problem> {
  if (!code) {
    yield {
      id: "code.checkout",
      title: "the app's folder is no git checkout",
      evidence: lastLines(codeTrouble ?? ""),
      help: `git clone the app to ${app.path}${app.runtime === "compose" ? ", or leave out source.git" : ""}`,
    };
    return;
  }
  if (code.dirty.length > 0) {
    yield {
      id: "code.dirty",
      title: `the checkout has ${code.dirty.length === 1 ? "a change" : `${code.dirty.length} changes`} that no commit has`,
      evidence: code.dirty.length > 4 ? [...code.dirty.slice(0, 4), `… and ${code.dirty.length - 4} more`] : code.dirty,
      why: "tend never resets what somebody wrote there",
      help: `on the host, in ${path}: git stash, or commit and push`,
    };
  }
  if (!code.target) {
    yield {
      id: "code.target",
      title: "the commit to deploy was not found",
      evidence: lastLines(codeTrouble ?? code.trouble ?? ""),
      help: `on the host, in ${path}: git fetch origin`,
    };
  }
}

/** The services by the names that a person gave, or all of them. Throws `usage` for a name that isn't one. */
export function chosen<T extends { readonly name: ServiceName }>(
  { app }: Place,
  services: readonly T[],
  names: readonly ServiceName[],
): readonly T[] {
  const known = services.map((service) => service.name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new Failure({
      id: "usage",
      exit: "usage",
      title: `${app.name} has no service "${name}"`,
      evidence: [`it has ${known.join(", ")}`],
      help: known.length > 0 ? `did you mean "${nearest(name, known)}"?` : undefined,
    });
  }
  return names.length > 0 ? services.filter((service) => names.includes(service.name)) : services;
}

export function nearest(name: string, names: readonly string[]): string {
  return [...names].sort((one, other) => distance(name, one) - distance(name, other))[0] ?? "";
}

export function lastLines(text: string): readonly string[] {
  return text.trim().split("\n").filter(Boolean).slice(-4);
}
