import { isHostItself } from "../model/fleet.ts";
import type { Plan } from "../plan/plan.ts";
import { actionText, countEffects, printSteps } from "../plan/print.ts";
import type { Paint } from "./paint.ts";

/** What will change, before it does. */
export function summaryText(plan: Plan, via: string | undefined, paint: Paint): readonly string[] {
  const where = isHostItself(plan.app) ? "" : ` on ${plan.host}`;
  const head = `${paint("bold", plan.app.replace(/^@/, ""))}${where}${via && via !== plan.host && via !== "local" ? ` (${via})` : ""}`;
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
      ...shown(step.text, pad),
    ]),
    ...(plan.undo.length > 0
      ? [
          "",
          "  if a step fails, as far as it had begun:",
          ...plan.undo.flatMap((undo) => [`  ↩ ${paint("dim", undo.title)}`, ...shown(actionText(undo.action), pad)]),
        ]
      : []),
    "",
    `reads ${count.reads} · changes ${count.changes} · destroys ${count.destroys}${plan.undoneBy ? ` · undone by: ${plan.undoneBy}` : ""}`,
  ];
}

/** So many lines of a step, and so much of a line, are read; `--json` has the whole of it. */
const MOST_LINES = 40;
const WIDEST = 240;

function shown(texts: readonly string[], pad: string): readonly string[] {
  const lines = texts.flatMap((text) => text.replaceAll(QUOTED, shortened).split("\n"));
  const more = lines.length - MOST_LINES;
  return [
    ...lines
      .slice(0, more > 1 ? MOST_LINES : undefined)
      .map((line) => `${pad}${line.length > WIDEST ? `${line.slice(0, WIDEST)}…` : line}`),
    ...(more > 1 ? [`${pad}… ${more} more lines: --json has them`] : []),
  ];
}

/** A word in quotes: a program in another language, where it has many lines. */
const QUOTED = /'(?:[^']|'\\'')*'/g;

function shortened(word: string): string {
  const lines = word.split("\n");
  return lines.length > 4
    ? `'${(lines.find((line) => /\w/.test(line)) ?? "").replace(/^'/, "").trim().slice(0, 60)} … ${lines.length} lines'`
    : word;
}
