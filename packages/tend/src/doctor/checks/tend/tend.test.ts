import { describe, expect, test } from "vitest";
import { cases, container, judged } from "../../testing.ts";
import { drift } from "./drift.ts";
import { lockDead, runIncomplete } from "./run.ts";
import { stateBroken } from "./state.ts";

const START = `{"v":1,"at":"2026-11-20T12:00:00.000Z","type":"run.start","run":"rdead1","operation":"deploy","app":"skriptoteket","title":"deploy skriptoteket on hemma → main 8d04e7b","by":"anna@laptop"}`;
const OWNER = `{"run":"rdead1","title":"deploy skriptoteket","by":"anna@laptop","since":"2026-11-20T12:00:00.000Z"}`;
const begun = (lock: string) => (said: string) => said.replace(/^torn 0$/m, `${lock}${START}\ntorn 0`);
const HANGS = { "the home folder is on a dead network drive": { state: { exit: 124, stdout: "" } } };

cases(runIncomplete, {
  good: { "it is under way": { state: begun(`lock 1 ${OWNER}\n`) } },
  bad: {
    "it was cut off": {
      seen: { state: begun(`lock 6400 ${OWNER}\n`) },
      on: "hemma/skriptoteket",
      says: "run rdead1 by anna@laptop",
    },
    "it was cut off, and somebody took the lock away": {
      seen: { state: begun("") },
      on: "hemma/skriptoteket",
      says: "nobody holds the lock",
    },
  },
  unmeasurable: HANGS,
});

cases(lockDead, {
  good: { "it is alive": { state: (said) => said.replace(/^torn 0$/m, `lock 2 ${OWNER}\ntorn 0`) } },
  bad: {
    "nobody is there any more": {
      seen: { state: (said) => said.replace(/^torn 0$/m, `lock 900 ${OWNER}\ntorn 0`) },
      on: "hemma/skriptoteket",
      says: "dead for 15 min",
    },
  },
  unmeasurable: HANGS,
});

cases(stateBroken, {
  good: { "tend has never worked there": { state: "folder /home/anna/.local/state/tend\n" } },
  bad: {
    "others can look in": {
      seen: { state: (said) => said.replace("mode 700", "mode 755") },
      on: "hemma",
      says: "mode 755, not 700",
    },
    "root has worked there": {
      seen: { state: "folder /home/anna/.local/state/tend\nmode 700 root\n" },
      on: "hemma",
      says: "it belongs to root",
    },
    "a line was cut off": { seen: { state: (said) => said.replace("torn 0", "torn 1") }, on: "hemma", says: "can't be read" },
  },
  unmeasurable: HANGS,
});

describe(drift.id, () => {
  const image = "sha256:aaaa";
  const RELEASE = `{"v":1,"type":"release","run":"rai8kh","app":"skriptoteket","release":2,"operation":"deploy","by":"anna@laptop","at":"2026-11-20T13:00:00Z","images":{"web":{"ref":"skriptoteket-web","id":"${image}","digests":[]}},"configs":{"web":"c0ffee"},"env":""}`;
  const state = `folder /root/.local/state/tend\nwritable\nmode 700 root\napp skriptoteket\n${RELEASE}\ntorn 0\n`;
  const running = (id: string, hash: string) =>
    container("skriptoteket-web", ({ labels }) => ({
      image: id,
      labels: { ...(labels as object), "com.docker.compose.config-hash": hash },
    }));
  const told = (changes: Parameters<typeof judged>[1]) => {
    const { findings, unknown, crashed } = judged(drift, changes);
    return { findings: findings.map(({ subject, title, severity }) => ({ subject, title, severity })), unknown, crashed };
  };
  const nothing = { findings: [], unknown: [], crashed: [] };

  test("what was released runs", () => {
    expect(told({ state, containers: running(image, "c0ffee") })).toEqual(nothing);
  });

  test.each([
    ["another image", "sha256:bbbb", "c0ffee", "web of skriptoteket runs another image than release 2"],
    ["another configuration", image, "beef", "web of skriptoteket runs with another configuration than release 2"],
  ])("is found: %s", (_, id, hash, title) => {
    const { findings } = told({ state, containers: running(id, hash) });
    expect(findings).toEqual([{ subject: "hemma/skriptoteket/web", title, severity: "warning" }]);
  });

  test("a deploy that is under way is no drift", () => {
    const locked = state.replace("torn 0", `lock 1 ${OWNER}\ntorn 0`);
    expect(told({ state: locked, containers: running("sha256:bbbb", "beef") })).toEqual(nothing);
  });

  test("what the engine doesn't tell is unknown", () => {
    const { unknown } = told({ state, containers: { exit: 1, stdout: "", stderr: "permission denied" } });
    expect(unknown).toEqual([{ id: drift.id, subject: "hemma", why: "permission denied" }]);
  });
});
