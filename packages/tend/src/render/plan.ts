import type { Plan } from "../plan/plan.ts";
import { actionText, countEffects, printSteps } from "../plan/print.ts";
import type { Paint } from "./paint.ts";

/** What will change, before it does. */
export function summaryText(plan: Plan, via: string | undefined, paint: Paint): readonly string[] {
  const head = `${paint("bold", plan.app)} on ${plan.host}${via && via !== plan.host && via !== "local" ? ` (${via})` : ""}`;
  return [
    `${head}  ${paint("dim", plan.operation)}`,
    ...plan.summary.map((line) => `  ${paint("dim", line.label.padEnd(9))} ${line.text}`),
  ];
}

/** A plan as a dry run shows it: every command as it would be run, why, and what would be taken back. */
export function planText(plan: Plan, paint: Paint): readonly string[] {
  const count = countEffects(plan);
  const width = String(plan.steps.length).length;
  const pad = " ".repeat(width + 4);
  return [
    `plan ${plan.id}: ${plan.title}  ${paint("dim", "nothing has been changed")}`,
    ...plan.summary.map((line) => `  ${paint("dim", line.label.padEnd(9))} ${line.text}`),
    "",
    ...printSteps(plan).flatMap((step) => [
      `  ${String(step.number).padStart(width)}  ${paint("bold", step.title)}  ${paint("dim", `${step.where} · ${step.because}${step.onlyIf ? ` · only if ${step.onlyIf}` : ""}`)}`,
      ...step.text.flatMap((text) => text.split("\n").map((line) => `${pad}${line}`)),
    ]),
    ...(plan.undo.length > 0
      ? [
          "",
          "  if a step fails, as far as it had begun:",
          ...plan.undo.flatMap((undo) => [
            `  ↩ ${paint("dim", undo.title)}`,
            ...actionText(undo.action).flatMap((text) => text.split("\n").map((line) => `${pad}${line}`)),
          ]),
        ]
      : []),
    "",
    `reads ${count.reads} · changes ${count.changes} · destroys ${count.destroys}${plan.undoneBy ? ` · undone by: ${plan.undoneBy}` : ""}`,
  ];
}
