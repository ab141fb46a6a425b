import type { Action, Plan, Step, Undo } from "../plan/plan.ts";
import { Script } from "../transport/argv.ts";

/** A plan as it was kept with its run, or undefined when there is none or it is of another version. */
export function storedPlan(json: string): Plan | undefined {
  try {
    const plan = JSON.parse(json, (key, value) =>
      SCRIPTS.has(key) && typeof value === "string" ? Script.revive(value) : value,
    ) as Plan;
    if (plan.version !== 1) return undefined;
    return { ...plan, steps: plan.steps.map(reviveCommands) as Step[], undo: plan.undo.map(reviveCommands) as Undo[] };
  } catch {
    return undefined;
  }
}

/** The keys of a plan under which a script stands. */
const SCRIPTS: ReadonlySet<string> = new Set(["check", "explain", "produce", "into"]);

function reviveCommands<T extends { readonly action: Action }>(step: T): T {
  const { action } = step;
  if (action.kind === "exec") {
    return {
      ...step,
      action: { ...action, commands: (action.commands as unknown as readonly string[]).map((text) => Script.revive(text)) },
    };
  }
  if (action.kind === "probe" && action.target.fromHost) {
    const address = Script.revive(action.target.fromHost.address as unknown as string);
    return { ...step, action: { ...action, target: { ...action.target, fromHost: { address } } } };
  }
  return step;
}
