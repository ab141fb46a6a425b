import { expect, test } from "vitest";
import { sh } from "../transport/argv.ts";
import type { Action } from "./plan.ts";
import { actionText, countEffects, exec, printSteps } from "./print.ts";
import { planOf, step } from "./testing.ts";

const said: readonly (readonly [string, Action, readonly string[]])[] = [
  [
    "commands, as the host runs them",
    exec([["git", "commit", "-m", "it's done"], sh`cd ${"/srv/a b"}`]),
    ["git commit -m 'it'\\''s done'", "cd '/srv/a b'"],
  ],
  [
    "a file by its place, mode and size, not by what is in it",
    { kind: "write", path: "/srv/é.yaml", content: "é: hidden", mode: "600" },
    ["write /srv/é.yaml (mode 600, 10 bytes)"],
  ],
  [
    "variables, one a line",
    { kind: "set", path: "/srv/.env", values: { TAG: "3f2a91c", OTHER_TAG: "3f2a91c" }, backup: "/state/before" },
    ["set TAG=3f2a91c in /srv/.env", "set OTHER_TAG=3f2a91c in /srv/.env"],
  ],
  [
    "a wait by what it waits for",
    { kind: "wait", until: "web is healthy", check: sh`true`, explain: sh`docker logs web`, deadline: 60 },
    ["wait until web is healthy, at most 60 s"],
  ],
  [
    "a probe by its address",
    { kind: "probe", target: { url: "https://web.example/health" }, deadline: 20 },
    ["GET https://web.example/health, at most 20 s"],
  ],
  [
    "a probe with the one status that counts",
    { kind: "probe", target: { url: "https://web.example/health", status: 204 }, deadline: 20 },
    ["GET https://web.example/health → 204, at most 20 s"],
  ],
];

test.each(said)("prints %s", (_, action, text) => {
  expect(actionText(action)).toEqual(text);
});

test("numbers the steps, and says where each is done and under which condition", () => {
  const plan = planOf([
    step("build", sh`docker compose build`, { action: exec([["docker", "build", "."]], { on: "here" }) }),
    step("swap", sh`docker compose up -d`, {
      guard: { id: "changed", text: "web's image changed", otherwise: "web is unchanged", check: sh`false` },
    }),
    step("answers", sh`:`, { effect: "reads", action: { kind: "probe", target: { url: "http://web.example" }, deadline: 5 } }),
  ]);
  expect(printSteps(plan).map(({ number, where, onlyIf, effect }) => [number, where, onlyIf, effect])).toEqual([
    [1, "here", undefined, "changes"],
    [2, "box", "web's image changed", "changes"],
    [3, "here", undefined, "reads"],
  ]);
});

test("counts what reads, changes and destroys", () => {
  const plan = planOf([step("one"), step("two", sh`:`, { effect: "reads" }), step("three")]);
  expect(countEffects(plan)).toEqual({ reads: 1, changes: 2, destroys: 0 });
});
