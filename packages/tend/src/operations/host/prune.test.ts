import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { seenOf } from "../../doctor/facts/index.ts";
import { sceneOf } from "../../doctor/testing.ts";
import { type Stored, stored } from "../../machine/stored.ts";
import { actionText } from "../../plan/print.ts";
import { freedText, pruning } from "./prune.ts";

const scene = sceneOf();
const DAY = 86_400;

describe("what tend itself has left on a host", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "tend-prune-"));
    mkdirSync(join(home, "bin"));
    writeFileSync(join(home, "bin/docker"), "#!/bin/sh\n[ \"$1\" != system ] || echo '{}'\n");
    chmodSync(join(home, "bin/docker"), 0o755);
  });
  afterEach(() => rmSync(home, { recursive: true }));

  function folder(path: string, age: number, events?: string): void {
    mkdirSync(join(home, path), { recursive: true });
    if (events !== undefined) writeFileSync(join(home, path, "events.jsonl"), events);
    const at = Date.now() / 1000 - age;
    utimesSync(join(home, path), at, at);
  }

  function look(): Stored {
    const script = stored.script(scene, seenOf({}));
    const env = { HOME: home, PATH: `${join(home, "bin")}:${process.env["PATH"]}` };
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script?.text ?? ""], { env, encoding: "utf8" });
    return stored.read({ exit: status ?? 1, stdout, stderr }, scene);
  }

  test("are backups that were cut off more than a day ago", () => {
    folder("backups/skriptoteket/.partial-old", 2 * DAY);
    folder("backups/skriptoteket/.partial-new", 3600);
    folder("backups/skriptoteket/skriptoteket-main-whole", 90 * DAY);
    folder("backups/another/.partial-old", 2 * DAY);
    expect(look().partial).toEqual([{ of: "skriptoteket", folder: join(home, "backups/skriptoteket/.partial-old") }]);
  });

  test("are runs that ended more than a month ago, not those that never did", () => {
    const state = ".local/state/tend/runs";
    const end = '{"v":1,"type":"run.end"}\n';
    folder(`${state}/rold`, 40 * DAY, end);
    folder(`${state}/ropen`, 40 * DAY, '{"v":1,"type":"run.start"}\n');
    folder(`${state}/rnew`, DAY, end);
    expect(look().oldRuns).toEqual([join(home, state, "rold")]);
  });
});

describe("host prune", () => {
  const nothing = stored.read({ exit: 0, stdout: "count 0\ndf {}\n", stderr: "" }, scene);
  const plan = (kept: Partial<Stored>) => pruning({ kept: { ...nothing, ...kept }, days: 7, images: [] }, scene.host);
  const partial = [{ of: "skriptoteket", folder: "/home/ops/back ups/skriptoteket/.partial-x" }];

  test("removes stale folders by their names", () => {
    const { steps } = plan({ partial, oldRuns: ["/home/ops/.local/state/tend/runs/rold"] });
    expect(steps.map(({ action }) => actionText(action))).toEqual([
      ["rm -rf -- /home/ops/.local/state/tend/runs/rold '/home/ops/back ups/skriptoteket/.partial-x'"],
    ]);
  });

  test("leaves a backup that goes on for days alone", () => {
    const { steps, summary } = plan({ partial, busy: ["skriptoteket"] });
    expect(steps).toEqual([]);
    expect(summary).toEqual([{ label: "leave", text: "skriptoteket: somebody is at work there" }]);
  });

  test("says what was freed only where it was measured", () => {
    expect(freedText("hemma", 1e9, 3e9)).toBe("hemma: 2.0 GB freed, measured: 1.0 GB were free on Docker's disk, now 3.0 GB");
    expect(freedText("hemma", 3e9, 1e9)).toContain("2.0 GB less free: something else is writing");
    expect(freedText("hemma", undefined, 3e9)).toBe("hemma: what was freed could not be measured");
  });
});
