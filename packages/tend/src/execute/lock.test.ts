import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type RunId, runId } from "../model/names.ts";
import type { Script } from "../transport/argv.ts";
import { LEASE, runPaths } from "./host-script.ts";
import { giveLock, LOCKED, type LockOwner, lockedFailure, parseOwner, takeLock } from "./lock.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tend-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pathsOf = (run: string) => runPaths(folder, "web", run);
const lock = () => pathsOf("").lock;
const ownerOf = (run: string): LockOwner => ({
  run,
  title: `deploy web, "really"`,
  by: "anna@laptop",
  since: "2026-11-20T08:00:00.000Z",
});
const take = (run: string) => sh(takeLock(pathsOf(run), ownerOf(run)));
const give = (run: string) => sh(giveLock(pathsOf(run), runId.parse(run) as RunId));
const holder = () => parseOwner(readFileSync(join(lock(), "owner"), "utf8"))?.run;

function sh(script: Script): Promise<{ exit: number; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("sh", ["-c", script.text], { stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ exit: code ?? 1, stdout }));
  });
}

/** A lock whose holder gave its last sign of life so many seconds ago. */
function abandoned(run: string, seconds: number): void {
  mkdirSync(lock(), { recursive: true });
  writeFileSync(join(lock(), "owner"), `${JSON.stringify(ownerOf(run))}\n`);
  writeFileSync(join(lock(), "lease"), "");
  const then = Date.now() / 1000 - seconds;
  utimesSync(join(lock(), "lease"), then, then);
}

describe("an app's lock", () => {
  test("is had by exactly one of twenty who want it at once", async () => {
    const runs = Array.from({ length: 20 }, (_, at) => `rtaker${at}`);
    const results = await Promise.all(runs.map(take));
    const winners = runs.filter((_, at) => results[at]?.exit === 0);
    expect(winners).toEqual([holder()]);
    expect(new Set(results.map((result) => result.exit))).toEqual(new Set([0, LOCKED]));
  });

  test("tells who holds it", async () => {
    await take("rfirst");
    const { exit, stdout } = await take("rsecond");
    expect([exit, parseOwner(stdout)]).toEqual([LOCKED, ownerOf("rfirst")]);
  });

  test("may be taken again by the run that holds it", async () => {
    await take("rfirst");
    expect((await take("rfirst")).exit).toBe(0);
    expect(holder()).toBe("rfirst");
  });

  test("is given back by its holder only", async () => {
    await take("rfirst");
    await give("rsecond");
    expect(holder()).toBe("rfirst");
    await give("rfirst");
    expect(existsSync(lock())).toBe(false);
  });

  test("can be given back when nobody holds it", async () => {
    expect((await give("rfirst")).exit).toBe(0);
  });

  test("is respected as long as its holder gives signs of life", async () => {
    abandoned("rdead", LEASE - 5);
    expect((await take("rnext")).exit).toBe(LOCKED);
  });

  test("is taken over from a dead holder by exactly one of twenty", async () => {
    abandoned("rdead", LEASE + 5);
    const runs = Array.from({ length: 20 }, (_, at) => `rheir${at}`);
    const results = await Promise.all(runs.map(take));
    const winners = runs.filter((_, at) => results[at]?.exit === 0);
    expect(winners).toHaveLength(1);
    expect(winners[0]).toBe(holder());
  });

  test("is taken over from one who died between the folder and the owner's name", async () => {
    mkdirSync(lock(), { recursive: true });
    const then = Date.now() / 1000 - LEASE - 5;
    utimesSync(lock(), then, then);
    expect((await take("rnext")).exit).toBe(0);
    expect(holder()).toBe("rnext");
  });

  test("is taken over even when an earlier take-over was killed half-way", async () => {
    abandoned("rdead", LEASE + 5);
    mkdirSync(`${lock()}.taking`);
    utimesSync(`${lock()}.taking`, Date.now() / 1000 - 60, Date.now() / 1000 - 60);
    expect((await take("rnext")).exit).toBe(0);
    expect(holder()).toBe("rnext");
  });

  test("and its folder are for nobody else to read", async () => {
    await take("rfirst");
    const modes = ["", "apps", "apps/web", "apps/web/lock", "runs/rfirst"].map(
      (name) => statSync(join(folder, name)).mode & 0o077,
    );
    expect(modes).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("a lock that is taken is reported", () => {
  test("with its holder, since when, and what helps", () => {
    const { parts } = lockedFailure("web", "box", ownerOf("rfirst"));
    expect(parts).toMatchObject({
      id: "run.locked",
      exit: "locked",
      title: 'web is being worked on by anna@laptop: deploy web, "really"',
      where: "box · web · run rfirst, since 08:00:00 UTC",
      changed: "nothing",
    });
    expect(parts.help).toContain("tend unlock web");
  });

  test("without a holder where none was written down", () => {
    expect(lockedFailure("web", "box", undefined).parts).toMatchObject({ where: "box · web", help: "tend unlock web" });
    expect([parseOwner(""), parseOwner("{"), parseOwner("[]")]).toEqual([undefined, undefined, undefined]);
  });
});
