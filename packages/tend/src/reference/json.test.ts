import { expect, test } from "vitest";
import { Failure } from "../model/failure.ts";
import { planOf } from "../plan/testing.ts";
import { JsonRenderer } from "../render/json.ts";
import { ERROR_FIELDS, RUN_LINES } from "./json.ts";

type Line = Record<string, unknown>;

const failure = new Failure({
  id: "release.unhealthy",
  exit: "failed",
  title: "web did not become healthy",
  where: "hemma",
  evidence: ["exit 1"],
  why: "it died",
  changed: "nothing",
  help: "mend it",
  cause: new Error("not for scripts"),
});

/** Everything that can happen, as lines. */
function lines(): readonly Line[] {
  const printed: string[] = [];
  const renderer = new JsonRenderer({ write: (text: string) => printed.push(text) });
  const plan = planOf([], { undoneBy: "tend rollback web", stakes: { text: "This replaces data.", name: "web" } });
  const [app, host] = [plan.app, plan.host];
  const gap = { url: "http://app.example/", requests: 1, failed: 0, resets: 0, longestGapMs: 1 };
  renderer.show({ type: "reached", host, via: "hemma-local" });
  renderer.show({ type: "plan", plan });
  renderer.show({ type: "nothing", app, host, text: "release 1 is live" });
  renderer.show({ type: "news", plan, news: { type: "step.start", step: "build" } });
  renderer.show({
    type: "news",
    plan,
    news: { type: "step.end", step: "build", result: "nothing", note: "nothing is there yet", ms: 1 },
  });
  renderer.show({ type: "news", plan, news: { type: "undo.start", count: 1 } });
  renderer.show({ type: "news", plan, news: { type: "undo.end", step: "undo-1", title: "back", result: "done" } });
  renderer.show({ type: "end", report: { plan, result: "failed", gap, ms: 1, skipped: [], failure } });
  renderer.show({ type: "failure", app, host, failure });
  renderer.result(1, [failure], {});
  return printed.map((line) => JSON.parse(line) as Line);
}

test("the reference has every kind of line, with its fields", () => {
  const printed = Object.fromEntries(lines().map(({ v: _, type, ...fields }) => [String(type), Object.keys(fields).sort()]));
  const told = Object.entries(RUN_LINES).map(([type, { fields }]) => [type, Object.keys(fields).sort()]);
  expect(printed).toEqual(Object.fromEntries(told));
});

test("an error has the fields that the reference says, and no cause", () => {
  const result = lines().find(({ type }) => type === "result");
  const [error] = (result?.failures ?? []) as Line[];
  expect(Object.keys(ERROR_FIELDS)).toEqual(expect.arrayContaining(Object.keys(error ?? {})));
  expect(Object.keys({ ...error, run: "" }).sort()).toEqual(Object.keys(ERROR_FIELDS).sort());
});
