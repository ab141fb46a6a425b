import { distance } from "fastest-levenshtein";
import { Failure, type FailureParts } from "../../model/failure.ts";
import type { Service } from "../../model/fleet.ts";
import type { ServiceName } from "../../model/names.ts";
import type { Place } from "../runtime.ts";
import type { ProcessFacts } from "./look.ts";

/** Less than this is full: the code, its logs and what the app itself writes need room. */
const TIGHT = 100 * 1024 * 1024;

type Problem = Omit<FailureParts, "exit" | "where">;

/** Throws a `refused` failure for the first thing that stands in the way; the others are named in its evidence. */
export function refuseUnlessReady(place: Place, facts: ProcessFacts, options: { readonly moving: boolean }): void {
  const [first, ...others] = [...generally(place, facts), ...(options.moving ? whenMoving(place, facts) : [])];
  if (!first) return;
  const alsoWrong = others.length > 0 ? [`also: ${others.map((problem) => problem.title).join("; ")}`] : [];
  throw new Failure({
    exit: "refused",
    where: `${place.host.name} · ${place.app.name} · ${facts.path}`,
    changed: "nothing",
    ...first,
    evidence: [...(first.evidence ?? []), ...alsoWrong].slice(0, 5),
  });
}

function* generally({ app }: Place, facts: ProcessFacts): Generator<Problem> {
  if (facts.trouble) yield { id: "process.host", ...facts.trouble };
  for (const program of facts.missing) {
    const users = app.services.filter(({ run }) => run?.[0] === program).map(({ name }) => name);
    yield {
      id: "process.command",
      title: `"${program}" was not found on the host, and ${users.join(" and ")} is run by it`,
      help: `install it there, or set PATH: apps.${app.name}.env.PATH in tend.yaml`,
    };
  }
  if (facts.disk && facts.disk.free < TIGHT) {
    yield {
      id: "disk.full",
      title: `the disk at ${facts.disk.mount} has ${Math.floor(facts.disk.free / 1024 / 1024)} MB left`,
      why: "tend keeps the releases there",
    };
  }
}

/** What stands in the way of another commit in the checkout. */
function* whenMoving({ app }: Place, facts: ProcessFacts): Generator<Problem> {
  const { code } = facts;
  if (!code) {
    yield {
      id: "code.checkout",
      title: "the app's folder is no git checkout",
      evidence: lastLines(facts.codeTrouble ?? ""),
      help: `git clone the app to ${app.path}`,
    };
    return;
  }
  if (code.dirty.length > 0) {
    yield {
      id: "code.dirty",
      title: `the checkout has ${code.dirty.length === 1 ? "a change" : `${code.dirty.length} changes`} that no commit has`,
      evidence: code.dirty.length > 4 ? [...code.dirty.slice(0, 4), `… and ${code.dirty.length - 4} more`] : code.dirty,
      why: "tend never resets what somebody wrote there",
      help: `on the host, in ${facts.path}: git stash, or commit and push`,
    };
  }
  if (!code.target) {
    yield {
      id: "code.target",
      title: "the commit to deploy was not found",
      evidence: lastLines(facts.codeTrouble ?? code.trouble ?? ""),
      help: `on the host, in ${facts.path}: git fetch origin`,
    };
  }
}

/** The app's services by the names that a person gave, or all of them. Throws `usage` for a name that isn't one. */
export function chosenServices({ app }: Place, names: readonly ServiceName[]): readonly Service[] {
  const known = app.services.map((service) => service.name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const [nearest] = [...known].sort((one, other) => distance(name, one) - distance(name, other));
    throw new Failure({
      id: "usage",
      exit: "usage",
      title: `${app.name} has no service "${name}"`,
      evidence: [`it has ${known.join(", ")}`],
      help: nearest ? `did you mean "${nearest}"?` : undefined,
    });
  }
  return names.length > 0 ? app.services.filter((service) => names.includes(service.name)) : app.services;
}

function lastLines(text: string): readonly string[] {
  return text.trim().split("\n").filter(Boolean).slice(-4);
}
