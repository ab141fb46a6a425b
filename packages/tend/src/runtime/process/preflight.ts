import type { Service } from "../../model/fleet.ts";
import type { ServiceName } from "../../model/names.ts";
import { checkoutProblems, chosen, type Problem, refuse } from "../preflight.ts";
import type { Place } from "../runtime.ts";
import type { ProcessFacts } from "./look.ts";

/** Less than this is full: the code, its logs and what the app itself writes need room. */
const TIGHT = 100 * 1024 * 1024;

/** Throws a `refused` failure for the first thing that stands in the way; the others are named in its evidence. */
export function refuseUnlessReady(place: Place, facts: ProcessFacts, options: { readonly moving: boolean }): void {
  refuse(place, facts.path, [...generally(place, facts), ...(options.moving ? checkoutProblems(place.app, facts) : [])]);
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

/** The app's services by the names that a person gave, or all of them. Throws `usage` for a name that isn't one. */
export function chosenServices(place: Place, names: readonly ServiceName[]): readonly Service[] {
  return chosen(place, place.app.services, names);
}
