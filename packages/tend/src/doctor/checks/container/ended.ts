import type { Seen } from "../../facts/index.ts";
import { known } from "../../facts/part.ts";
import type { TroubleSeen } from "../../facts/trouble.ts";
import { type Failing, fail, pass, skip, type Verdict } from "../../finding.ts";
import type { Scene } from "../../scene.ts";
import { isUnderWay, UNDER_WAY } from "../../under-way.ts";
import { type Watched, watched } from "../../watched.ts";

/** Why a container doesn't run: one reason, so that one fault is one finding. */
export type Ending = "architecture" | "port" | "command" | "start" | "memory" | "killed" | "left" | undefined;

export function isDown({ container }: Watched): boolean {
  const { state, error } = container;
  return state === "exited" || state === "dead" || state === "restarting" || (state === "created" && error !== "");
}

/** Undefined while it runs. */
export function endingOf(one: Watched, seen: Seen): Ending {
  if (!isDown(one)) return undefined;
  const { error, exitCode, oomKilled, state } = one.container;
  const said = [error, ...errorsOf(seen, one)].join("\n");
  if (/exec format error/i.test(said)) return "architecture";
  if (/port is already allocated|address already in use|ports are not available/i.test(error)) return "port";
  if (/error mounting|create mount destination|directory onto a file/i.test(error)) return "start";
  // Older engines end with 1, and leave their words to the log.
  const unrunnable = /^exec \S+: (no such file or directory|permission denied)$/m.test(said);
  if (unrunnable || exitCode === 126 || exitCode === 127 || /exec: |exec "|executable file not found/i.test(error))
    return "command";
  if (error !== "") return "start";
  if (oomKilled) return "memory";
  if (exitCode === 137 && state !== "restarting") return "killed";
  return "left";
}

/** What more was asked about a container that isn't well; undefined where that could not be had: the fault itself is known all the same. */
export function troubleOf(seen: Seen, { container }: Pick<Watched, "container">): TroubleSeen | undefined {
  return known(() => seen.trouble[container.id]);
}

/** The first errors of its log since it was last started. */
export function errorsOf(seen: Seen, one: Pick<Watched, "container">): readonly string[] {
  return troubleOf(seen, one)?.errors ?? [];
}

type Found = Pick<Failing, "title" | "evidence" | "cause" | "fix">;

/** Every container that is meant to run: those that ended so fail. */
export function* ended(ending: Ending, seen: Seen, scene: Scene, tell: (one: Watched) => Found): Iterable<Verdict> {
  for (const one of watched(scene, seen.containers)) {
    if (endingOf(one, seen) !== ending) yield pass(one.subject);
    else if (one.owned && isUnderWay(seen, one.owned.app)) yield skip(one.subject, UNDER_WAY);
    else yield fail(one.subject, { severity: one.severity, reaches: one.reaches, ...tell(one) });
  }
}
