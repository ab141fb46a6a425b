import { type AppName, appName, type HostName, hostName, type RunId, runId } from "../model/names.ts";
import { type Script, sh } from "../transport/argv.ts";
import type { Plan, Step, Undo } from "./plan.ts";
import { exec } from "./print.ts";

/** For tests: names that need no checking. */
export const box = hostName.parse("box") as HostName;
export const web = appName.parse("web") as AppName;
export const r1 = runId.parse("r1abc") as RunId;

/** For tests: a plan of these steps for the app `web` on the host `box`. */
export function planOf(steps: readonly Step[], more: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    id: r1,
    operation: "deploy",
    host: box,
    app: web,
    title: "deploy web on box",
    summary: [],
    basis: "",
    steps,
    undo: [],
    watch: [],
    ...more,
  };
}

/** For tests: a step that changes something by this script, in the switch. */
export function step(id: string, script: Script = sh`:`, more: Partial<Step> = {}): Step {
  return {
    id,
    title: `do ${id}`,
    because: "the test says so",
    effect: "changes",
    phase: "switch",
    action: exec([script]),
    ...more,
  };
}

/** For tests: how the step `of` is taken back. */
export function undo(of: string, script: Script): Undo {
  return { of, title: `undo ${of}`, action: exec([script]) };
}
