import { describe, expect, test } from "vitest";
import { seenOf } from "../../facts/index.ts";
import { judge } from "../../judge.ts";
import { cases, factsOf, sceneOf } from "../../testing.ts";
import { diskSpace } from "./disk-space.ts";
import { reachable } from "./reachable.ts";

describe(reachable.id, () => {
  const failure = {
    id: "host.unreachable",
    title: "hemma can't be reached",
    evidence: ["ssh: connect to host hemma: No route to host"],
  };

  test("is found, and everything else is unknown rather than wrong", () => {
    const scene = sceneOf();
    const facts = { ...factsOf(), filesystems: { unmeasured: "hemma can't be reached" }, reach: { value: { via: "", failure } } };
    const { findings, unknown } = judge([reachable, diskSpace], seenOf(facts), scene);
    expect(findings).toMatchObject([{ id: "host.reachable", subject: "hemma", severity: "error", evidence: failure.evidence }]);
    expect(unknown).toEqual([{ id: "host.disk.space", subject: "hemma", why: "hemma can't be reached" }]);
  });
});

cases(diskSpace, {
  good: { "half full": { filesystems: "space / 1000000 500000 500000 50% /\ninodes / 12% /\n" } },
  bad: {
    "nearly full": {
      seen: { filesystems: "space / 1000000 930000 70000 93% /\ninodes / 12% /\n" },
      on: "hemma/disk:/",
      says: "93 % full",
    },
    "out of inodes, with space to spare": {
      seen: { filesystems: "space docker 1000000 300000 700000 30% /var/lib/docker\ninodes docker 99% /var/lib/docker\n" },
      on: "hemma/disk:/var/lib/docker",
      says: "99 % of its inodes",
    },
  },
  unmeasurable: {
    "df hangs on a dead network drive": { filesystems: { exit: 124, stdout: "" } },
    "df isn't there": { filesystems: { exit: 127, stdout: "", stderr: "sh: df: not found" } },
  },
});
