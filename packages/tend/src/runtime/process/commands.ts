import type { Keepers } from "../../database/engine.ts";
import { type Script, sh } from "../../transport/argv.ts";
import type { Place } from "../runtime.ts";
import type { ProcessFacts } from "./look.ts";
import { appFolder, front, releaseFolder } from "./place.ts";

/** One of the app's own commands in a release's folder, with its env: there is no container to go into. */
export function inRelease(place: Place, facts: ProcessFacts, release: number, argv: readonly string[]): Script {
  const set = Object.entries(place.app.env).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  return sh`( cd ${appFolder(facts.state, place.app)} && ${front(facts.front, "exec", releaseFolder(release), ...set, "--", ...argv)} </dev/null )`;
}

export function keepersOf(run: string): Keepers {
  return { containers: [], run };
}
