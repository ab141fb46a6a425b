import { destinationText } from "../model/data.ts";
import { keeperText, recordsText, secretText } from "../model/dns.ts";
import { command, type Script } from "../transport/argv.ts";
import { type Action, type Effect, isDoneHere, type Plan } from "./plan.ts";

/**
 * What a step does, as text: the very lines that the host runs, the journal keeps and the dry run shows.
 * What is no command (a wait, a probe) is said in words.
 */
export function actionText(action: Action): readonly string[] {
  switch (action.kind) {
    case "exec":
      return action.commands.map((script) => script.text);
    case "write":
      return [`write ${action.path} (mode ${action.mode}, ${Buffer.byteLength(action.content)} bytes)`];
    case "set":
      return Object.entries(action.values).map(([name, value]) => `set ${name}=${value} in ${action.path}`);
    case "wait":
      return [`wait until ${action.until}, at most ${action.deadline} s`];
    case "probe":
      return [
        `GET ${action.target.url}${action.target.status ? ` → ${action.target.status}` : ""}, at most ${action.deadline} s`,
      ];
    case "carry":
      return [
        action.produce.text,
        `| ${action.backup.sealed ? `age to ${action.backup.sealed.join(", ")} | ` : ""}store as ${action.backup.name} in ${action.to.map(destinationText).join(" and ")}, read back, publish`,
      ];
    case "fetch":
      return [
        `read ${action.backup}/${action.file} from ${destinationText(action.from)}${action.stored.clear ? " | age --decrypt" : ""} |`,
        action.into.text,
      ];
    case "verify":
      return [`read ${action.manifest.name} whole from ${destinationText(action.from)}, against its manifest`];
    case "record":
      return [`tell ${keeperText(action.by)}, that ${action.name} has ${recordsText(action.records)}; ${secretText(action.by)}`];
    case "agree":
      return [
        `ask the name servers of ${action.name} until all say ${action.records ? recordsText(action.records) : "what ddclient has sent"}, at most ${action.deadline} s`,
      ];
    case "forget":
      return action.backups.map((name) => `remove ${name} from ${destinationText(action.from)}`);
  }
}

export interface PrintedStep {
  readonly number: number;
  readonly id: string;
  readonly where: string;
  readonly title: string;
  readonly text: readonly string[];
  readonly because: string;
  readonly onlyIf?: string;
  readonly effect: Effect;
}

export function printSteps(plan: Plan): readonly PrintedStep[] {
  return plan.steps.map((step, at) => ({
    number: at + 1,
    id: step.id,
    where: isDoneHere(step.action) ? "here" : plan.host,
    title: step.title,
    text: actionText(step.action),
    because: step.because,
    onlyIf: step.guard?.text,
    effect: step.effect,
  }));
}

export function countEffects(plan: Plan): Readonly<Record<Effect, number>> {
  const count = { reads: 0, changes: 0, destroys: 0 };
  for (const step of plan.steps) count[step.effect] += 1;
  return count;
}

/** A command line for one exec action. */
export function exec(commands: readonly (Script | readonly string[])[], options: { cwd?: string; on?: "host" | "here" } = {}) {
  return {
    kind: "exec" as const,
    on: options.on ?? ("host" as const),
    cwd: options.cwd,
    commands: commands.map((one) => (Array.isArray(one) ? command(one as readonly string[]) : (one as Script))),
  };
}
