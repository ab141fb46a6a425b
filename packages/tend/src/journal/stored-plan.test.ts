import { expect, test } from "vitest";
import type { Plan } from "../plan/plan.ts";
import { actionText, exec } from "../plan/print.ts";
import { planOf, step } from "../plan/testing.ts";
import { Script, sh } from "../transport/argv.ts";
import { storedPlan } from "./stored-plan.ts";

const everyAction = planOf(
  [
    step("exec", sh`:`, { action: exec([["git", "fetch"], sh`cd ${"/a b"} && ls`], { cwd: "/srv" }) }),
    step("write", sh`:`, { action: { kind: "write", path: "/x", content: "check: explain\n", mode: "600" } }),
    step("set", sh`:`, { action: { kind: "set", path: "/.env", values: { TAG: "1", check: "2" }, backup: "/b" } }),
    step("wait", sh`:`, {
      action: { kind: "wait", until: "up", check: sh`true`, explain: sh`docker logs ${"a b"}`, deadline: 5 },
    }),
    step("probe", sh`:`, { action: { kind: "probe", target: { url: "http://web" }, deadline: 5 } }),
    step("inside", sh`:`, {
      action: { kind: "probe", target: { url: "http://web", fromHost: { address: sh`echo 1 2` } }, deadline: 5 },
      guard: { id: "g", text: "changed", otherwise: "unchanged", check: sh`test -f ${"a b"}` },
    }),
  ],
  { undo: [{ of: "exec", title: "back", action: exec([sh`git reset`]) }], watch: [{ url: "http://web" }] },
);

test("a plan that was kept is the same plan: it can be executed and prints alike", () => {
  const kept = storedPlan(JSON.stringify(everyAction)) as Plan;
  expect(JSON.stringify(kept)).toBe(JSON.stringify(everyAction));
  expect(kept.steps.map((one) => actionText(one.action))).toEqual(everyAction.steps.map((one) => actionText(one.action)));
  for (const one of [...kept.steps, ...kept.undo]) {
    if (one.action.kind === "exec") for (const command of one.action.commands) expect(command).toBeInstanceOf(Script);
    if (one.action.kind === "wait")
      expect([one.action.check, one.action.explain]).toEqual([expect.any(Script), expect.any(Script)]);
    if (one.action.kind === "probe" && one.action.target.fromHost)
      expect(one.action.target.fromHost.address).toBeInstanceOf(Script);
  }
  expect(kept.steps.at(-1)?.guard?.check).toBeInstanceOf(Script);
});

test.each([
  ["nothing", ""],
  ["half a file", '{"version":1,"steps":['],
  ["another version's", JSON.stringify({ ...everyAction, version: 2 })],
  ["something else", "[]"],
])("%s is no plan", (_, text) => {
  expect(storedPlan(text)).toBeUndefined();
});
