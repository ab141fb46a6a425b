import type { Event, RunEnd, RunStart } from "../../journal/events.ts";
import { historyProbe, parseEvents } from "../../journal/releases.ts";
import { storedPlan } from "../../journal/stored-plan.ts";
import { Failure } from "../../model/failure.ts";
import { runId } from "../../model/names.ts";
import { observe, probe } from "../../observe/observe.ts";
import { appKey, prelude, stateFolder } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { appOrHost, count, position, usage } from "../../params.ts";
import { gapText } from "../../render/gap.ts";
import { table } from "../../render/table.ts";
import { ago, seconds } from "../../render/time.ts";
import type { Session } from "../../session.ts";
import { sh } from "../../transport/argv.ts";

export const journal = defineOperation({
  kind: "report",
  name: "journal",
  summary: "Tell what was done to an app, by whom, and what it came to",
  details: "With a run's id: its every step, with times and what each one ran.",
  effect: "reads",
  params: {
    app: appOrHost(),
    run: position("run", "the id of one run"),
    last: count("number", "how many runs; 20 when it isn't said", "n"),
  },
  examples: [
    { command: "tend journal skriptoteket", explains: "the latest runs" },
    { command: "tend journal skriptoteket r7k3", explains: "one run, step by step" },
  ],
  async report(session, input) {
    return input.run === undefined ? runsOf(session, input.app, input.last ?? 20) : runOf(session, input.app, input.run);
  },
});

async function runsOf(session: Session, name: Parameters<Session["place"]>[0], last: number) {
  const place = await session.place(name);
  const transport = await session.transport(place.host);
  const file = sh`${stateFolder(place.host)}/apps/${appKey(place.app)}/journal.jsonl`;
  const { events, history } = await observe(transport, prelude(place.host), {
    events: probe(sh`tail -n ${last * 4} ${file} 2>/dev/null || true`, (seen) => parseEvents(seen.stdout)),
    history: historyProbe(stateFolder(place.host), appKey(place.app)),
  });
  const open = history.unfinished?.alive ? "under way" : `began, and never ended: tend resume ${place.app.name}`;
  const runs = events
    .filter((event): event is RunStart => event.type === "run.start")
    .slice(-last)
    .reverse();
  const ends = new Map(events.filter((event): event is RunEnd => event.type === "run.end").map((event) => [event.run, event]));
  return {
    data: { app: place.app.name, host: place.host.name, runs: runs.map((start) => ({ ...start, end: ends.get(start.run) })) },
    lines:
      runs.length === 0
        ? [`nothing has been done to ${place.app.name} by tend yet`]
        : table(
            ["run", "when", "what", "by", "result"],
            runs.map((start) => {
              const end = ends.get(start.run);
              return [start.run, ago(start.at), start.title, start.by, end ? resultText(end) : open];
            }),
          ),
  };
}

function resultText(end: RunEnd): string {
  if (end.result === "done") return end.gap ? `done · ${gapText(end.gap)}` : "done";
  return `${end.result}${end.failure ? ` · ${end.failure.title}` : end.result === "superseded" ? ` · ${end.text}` : ""}`;
}

async function runOf(session: Session, name: Parameters<Session["place"]>[0], text: string) {
  const id = runId.parse(text);
  if (!id) throw usage(`"${text}" is no run's id: expected ${runId.expected}`);
  const place = await session.place(name);
  const transport = await session.transport(place.host);
  const folder = sh`${stateFolder(place.host)}/runs/${id}`;
  const { events, plan } = await observe(transport, prelude(place.host), {
    events: probe(sh`cat ${folder}/events.jsonl`, (seen) => parseEvents(seen.stdout)),
    plan: probe(sh`cat ${folder}/plan.json`, (seen) => storedPlan(seen.stdout)),
  });
  if (!plan) {
    throw new Failure({
      id: "run.unknown",
      exit: "refused",
      title: `${place.host.name} has no files of run ${id}`,
      why: "the last 50 runs' are kept",
      help: `tend journal ${place.app.name}`,
    });
  }
  const { actionText } = await import("../../plan/print.ts");
  const lines = [`run ${plan.id}: ${plan.title}`, ...plan.summary.map((line) => `  ${line.label.padEnd(9)} ${line.text}`), ""];
  for (const step of plan.steps) {
    const outcome = outcomeOf(events, step.id);
    lines.push(`${outcome.mark} ${step.title}${outcome.took === undefined ? "" : `  ${seconds(outcome.took)}`}${outcome.note}`);
    for (const line of actionText(step.action)) lines.push(...line.split("\n").map((one) => `      ${one}`));
  }
  const undone = events.filter((event) => event.type === "step.end" && event.step.startsWith("undo-"));
  if (undone.length > 0)
    lines.push(
      "",
      `${undone.length} steps were taken back:`,
      ...plan.undo
        .filter((one) => events.some((event) => event.type === "step.start" && event.step === one.of))
        .map((one) => `  ↩ ${one.title}`),
    );
  const end = events.find((event): event is RunEnd => event.type === "run.end");
  lines.push("", end ? resultText(end) : `it never ended: tend resume ${place.app.name}`);
  return {
    data: { plan: { ...plan, steps: plan.steps.map(({ id: step, title, because }) => ({ id: step, title, because })) }, events },
    lines,
  };
}

function outcomeOf(
  events: readonly Event[],
  step: string,
): { readonly mark: string; readonly took?: number; readonly note: string } {
  const start = events.find((event) => event.type === "step.start" && event.step === step);
  const end = events.find((event) => event.type === "step.end" && event.step === step);
  if (end?.type === "step.end") {
    if (end.result === "skipped") return { mark: "–", note: "  not needed" };
    if (end.result === "nothing") return { mark: "–", note: `  ${end.note ?? "nothing to do"}` };
    const took = start ? Date.parse(end.at) - Date.parse(start.at) : undefined;
    return { mark: end.result === "done" ? "✔" : "✖", took, note: end.result === "failed" ? `  exit ${end.exit}` : "" };
  }
  return start ? { mark: "…", note: "  begun, and never ended" } : { mark: " ", note: "" };
}
