import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { Progress } from "../carry-out.ts";
import type { RunReport } from "../execute/execute.ts";
import { Failure } from "../model/failure.ts";
import { box, planOf, r1, step, undo } from "../plan/testing.ts";
import { sh } from "../transport/argv.ts";
import { failureLines } from "./failure.ts";
import { gapText } from "./gap.ts";
import { JsonRenderer } from "./json.ts";
import { paintFor, plain } from "./paint.ts";
import { LineRenderer } from "./progress.ts";
import { table } from "./table.ts";
import { ago, duration, seconds } from "./time.ts";

const failure = new Failure({
  id: "release.unhealthy",
  exit: "failed",
  title: "web did not become healthy",
  where: "box · web",
  evidence: ["exited 1", 'relation "tools" does not exist'],
  why: "the code is ahead of the schema",
  changed: "nothing that users see",
  help: "tend deploy web",
  run: r1,
});

describe("a failure", () => {
  test("is a block: what, where, what was seen, why, what changed, and what to do at the end", () => {
    expect(failureLines(failure.parts, plain)).toEqual([
      "error[release.unhealthy]: web did not become healthy",
      "  where     box · web",
      "  evidence  exited 1",
      '            relation "tools" does not exist',
      "  why       the code is ahead of the schema",
      "  changed   nothing that users see",
      "  help      tend deploy web",
      `  run       ${r1} · tend journal APP ${r1}`,
    ]);
  });

  test("leaves out what isn't known", () => {
    expect(failureLines({ id: "usage", exit: "usage", title: "which shell?", evidence: [] }, plain)).toEqual([
      "error[usage]: which shell?",
    ]);
  });

  test("knows more as it goes outwards, and what was known stays", () => {
    expect(failure.with({ title: "no", where: "no", help: undefined }).parts).toEqual(failure.parts);
    expect(new Failure({ id: "a", exit: "failed", title: "t" }).with({ where: "box", run: r1 }).parts).toMatchObject({
      where: "box",
      run: r1,
    });
  });
});

const plan = planOf(
  [
    step("build"),
    step("swap", sh`:`, { guard: { id: "g", text: "it changed", otherwise: "web is unchanged", check: sh`true` } }),
    step("gate", sh`:`, { guard: { id: "g", text: "", otherwise: "web is unchanged", check: sh`true` } }),
  ],
  {
    summary: [{ label: "code", text: "3f2a91c → 8d04e7b" }],
    undo: [undo("swap", sh`:`)],
    outcome: "release 42 of web is live",
    undoneBy: "tend rollback web",
  },
);
const report = (more: Partial<RunReport> = {}): RunReport => ({ plan, result: "done", ms: 24_100, skipped: [], ...more });
const news = (what: Extract<Progress, { type: "news" }>["news"]): Progress => ({ type: "news", plan, news: what });

function shown(all: readonly Progress[], options: { tty?: boolean; dryRun?: boolean; many?: boolean } = {}) {
  let text = "";
  const out = { isTTY: options.tty ?? false, columns: 100, write: (piece: string) => (text += piece) };
  const renderer = new LineRenderer(out, plain, { dryRun: options.dryRun ?? false, many: options.many ?? false });
  for (const progress of all) renderer.show(progress);
  renderer.close();
  return text;
}

const successful: readonly Progress[] = [
  { type: "reached", host: box, via: "box-lan" },
  { type: "plan", plan },
  news({ type: "step.start", step: "build" }),
  news({ type: "step.end", step: "build", result: "done", ms: 14_800 }),
  news({ type: "step.end", step: "swap", result: "skipped", ms: 0 }),
  news({ type: "step.end", step: "gate", result: "skipped", ms: 0 }),
  { type: "end", report: report({ gap: { url: "u", requests: 1204, failed: 0, resets: 0, longestGapMs: 48 } }) },
];

describe("a run, in a pipe or a log", () => {
  test("is what will change, a line a step with its time, and what users saw", () => {
    expect(shown(successful).split("\n")).toEqual([
      "web on box (box-lan)  deploy",
      "  code      3f2a91c → 8d04e7b",
      "",
      `  ✔ ${"do build".padEnd(48)}   14.8 s`,
      "  – web is unchanged",
      "",
      "release 42 of web is live · 24.1 s · 0 of 1,204 requests failed, longest gap 48 ms",
      "undo: tend rollback web",
      "",
    ]);
  });

  test("that fails shows the step, what was taken back, and why", () => {
    const text = shown([
      news({ type: "step.start", step: "build" }),
      news({ type: "step.end", step: "build", result: "failed", ms: 900 }),
      news({ type: "undo.start", count: 1 }),
      news({ type: "undo.end", step: "undo-1", title: "undo swap", result: "done" }),
      { type: "end", report: report({ result: "failed", failure }) },
    ]);
    expect(text).toMatch(/✖ do build +0\.9 s\n {2}taking back what was begun\n {2}↩ undo swap\n\nerror\[release\.unhealthy\]/);
    expect(text).toContain(`run       ${r1} · tend journal web ${r1}`);
    expect(text).not.toContain("APP");
  });

  test("of several apps tells them apart", () => {
    expect(shown([news({ type: "step.end", step: "build", result: "done", ms: 1 })], { many: true })).toMatch(
      /^ {2}web {2}✔ do build/,
    );
  });

  test("moves no cursor", () => {
    expect(shown(successful)).toBe(stripVTControlCharacters(shown(successful)));
  });

  test("with nothing to do says why", () => {
    expect(shown([{ type: "nothing", app: "web", host: "box", text: "release 42 is live" }])).toBe(
      "web on box: nothing to do: release 42 is live\n",
    );
  });
});

test("on a terminal the step under way is shown, and gone when it has ended", () => {
  const text = shown(successful, { tty: true });
  expect(text).toContain("  … do build 0.0 s");
  expect(text.split("\r\u001b[2K").length).toBeGreaterThan(1);
  expect(text.endsWith("undo: tend rollback web\n")).toBe(true);
});

test("a dry run shows the commands, and says that nothing has been changed", () => {
  const text = shown([{ type: "plan", plan }], { dryRun: true });
  expect(text).toContain(`plan ${r1}: deploy web on box  nothing has been changed`);
  expect(text).toContain("only if it changed");
  expect(text).toContain("reads 0 · changes 3 · destroys 0 · undone by: tend rollback web");
});

test("JSON is a line an event, each with its version and its type, and a result at the end", () => {
  let text = "";
  const renderer = new JsonRenderer({ write: (piece: string) => (text += piece) });
  for (const progress of successful) renderer.show(progress);
  renderer.show({ type: "end", report: report({ result: "failed", failure: failure.with({ cause: new Error("inner") }) }) });
  renderer.result(1, [failure], {});
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { v: number; type: string; failure?: object });
  expect(lines.map(({ v, type }) => `${v} ${type}`)).toEqual([
    "1 reached",
    "1 plan",
    "1 step.start",
    ...Array.from({ length: 3 }, () => "1 step.end"),
    "1 run.end",
    "1 run.end",
    "1 result",
  ]);
  expect(lines.at(-2)?.failure).toEqual(JSON.parse(JSON.stringify(failure.parts)));
});

test("colours are for terminals whose user wants them", () => {
  const painted = (stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv) => paintFor(stream, env)("red", "x") !== "x";
  expect(painted({ isTTY: true }, {})).toBe(true);
  expect(painted({}, {})).toBe(false);
  expect(painted({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
  expect(painted({ isTTY: true }, { TERM: "dumb" })).toBe(false);
  expect(painted({}, { FORCE_COLOR: "1" })).toBe(true);
  expect(painted({ isTTY: true }, { FORCE_COLOR: "0", NO_COLOR: "1" })).toBe(false);
});

test("a table lines up by what is seen, whatever the letters", () => {
  expect(
    table(
      ["app", "state"],
      [
        ["skriptoteket", "up"],
        ["räka", "down"],
        ["x", ""],
      ],
    ),
  ).toEqual(["app           state", "skriptoteket  up", "räka          down", "x"]);
});

test.each([
  [{ failed: 0, requests: 0, resets: 0, longestGapMs: 0 }, "0 of 0 requests failed, longest gap 0 ms"],
  [
    { failed: 25_814, requests: 52_836, resets: 3, longestGapMs: 11_240 },
    "25,814 of 52,836 requests failed, 3 reset, longest gap 11.2 s",
  ],
])("%j reads: %s", (gap, text) => {
  expect(gapText({ url: "u", ...gap })).toBe(text);
});

test.each([
  [0, "0 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [7199, "1 h"],
  [86_400 * 41, "41 d"],
])("%d seconds are %s", (passed, text) => {
  expect(duration(passed)).toBe(text);
});

test("times in steps are exact where that tells something, and a broken clock breaks nothing", () => {
  expect([seconds(48), seconds(1250), seconds(99_940), seconds(3_600_000)]).toEqual(["0.0 s", "1.3 s", "99.9 s", "1 h"]);
  expect([ago("nonsense"), ago("2026-11-20T08:00:10Z", new Date("2026-11-20T08:00:00Z"))]).toEqual(["", "0 s"]);
});
