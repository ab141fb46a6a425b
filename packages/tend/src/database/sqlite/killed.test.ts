import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copyFor } from "./copy-for.ts";
import { take } from "./take.ts";
import { ledger, SqliteBench, TOOLS, tally } from "./testing.ts";

let bench: SqliteBench;
let path: string;
beforeEach(() => {
  bench = new SqliteBench();
  path = bench.file("app.db");
  ledger(path, "wal", 1500);
});
afterEach(() => bench.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What runs of the bench's: by its working folder's name in the command or the environment. */
function processes(): readonly number[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`HOME=${bench.folder}`) ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
}

/** Those of them that have the copy open. */
function workers(): readonly number[] {
  return processes().filter((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).includes("/.tend-"));
    } catch {
      return false;
    }
  });
}

async function gone(): Promise<void> {
  for (let at = 0; at < 100 && processes().length > 0; at++) await pause(20);
  expect(processes()).toEqual([]);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It had ended before.
  }
}

describe.each([...TOOLS.keys()])("a backup by %s", (tools) => {
  test("that is killed with all that it began leaves the database whole, and nothing that counts as a backup", async () => {
    const began = performance.now();
    await bench.run(take(bench.site(path)), { tools });
    const usual = performance.now() - began;
    for (const part of [0.35, 0.6, 0.75, 0.9]) {
      await bench.run(take(bench.site(path)), { tools, started: (pid) => setTimeout(() => kill(-pid, "SIGKILL"), usual * part) });
      await gone();
      const left = bench.names.filter((name) => !/^app\.db(-wal|-shm)?$/.test(name));
      expect(left.filter((name) => !/^\.tend-r7k2p-main(-journal|-wal|-shm)?$/.test(name))).toEqual([]);
    }
    expect((await bench.run(take(bench.site(path)), { tools })).status).toBe(0);
    expect(bench.names.filter((name) => name.startsWith("."))).toEqual([]);
    expect(tally(path)).toEqual({ integrity: "ok", whole: true, n: 0 });
  });

  test("that is asked to end leaves nothing behind", async () => {
    // Large enough that on a busy machine, too, the copy is seen, and asked, while it is made.
    const large = bench.file("large.db");
    ledger(large, "wal", 40_000);
    let asked = false;
    const ran = await bench.run(take(bench.site(large)), {
      tools,
      started: (pid) => {
        const look = setInterval(() => {
          if (!bench.names.some((name) => name.startsWith("."))) return;
          clearInterval(look);
          asked = true;
          kill(-pid, "SIGTERM");
        }, 2);
        setTimeout(() => clearInterval(look), 10_000);
      },
    });
    await gone();
    expect([asked, ran.status === 0]).toEqual([true, false]);
    expect(bench.names.filter((name) => name.startsWith("."))).toEqual([]);
  });

  // The sqlite3 command is no child of the script's that could be told from it.
  if (tools === "sqlite3") return;
  test("whose own process is killed is told as failed, and cleared away by the one that watches it", async () => {
    const ran = await bench.run(take(bench.site(path)), {
      tools,
      started: () => {
        const look = setInterval(() => {
          const [worker] = workers();
          if (worker === undefined) return;
          clearInterval(look);
          kill(worker, "SIGKILL");
        }, 2);
        setTimeout(() => clearInterval(look), 10_000);
      },
    });
    await gone();
    expect([ran.status, ran.stderr]).toEqual([1, `error: ${path}: ${tools} ended with status 1\n`]);
    expect(bench.names.filter((name) => name.startsWith("."))).toEqual([]);
  });
});

test("a throwaway copy isn't half there under its name", async () => {
  const into = join(bench.folder, "scratch.db");
  let begun = false;
  await bench.run(copyFor(bench.site(path), { file: into }), {
    started: (pid) => {
      const look = setInterval(() => {
        if (!readdirSync(bench.folder).includes("scratch.db.part")) return;
        clearInterval(look);
        begun = true;
        kill(-pid, "SIGKILL");
      }, 2);
      setTimeout(() => clearInterval(look), 10_000);
    },
  });
  await gone();
  expect(begun).toBe(true);
  expect(readdirSync(bench.folder)).not.toContain("scratch.db");
  const ran = await bench.run(copyFor(bench.site(path), { file: into }));
  expect([ran.status, ran.stdout.toString()]).toEqual([0, `host ${into}\n`]);
  expect(tally(into)).toEqual({ integrity: "ok", whole: true, n: 0 });
});

test("a throwaway copy beside the database is the app's to use, and says where it is", async () => {
  for (const tools of TOOLS.keys()) {
    const ran = await bench.run(copyFor(bench.site(path)), { tools });
    expect([ran.status, ran.stdout.toString(), ran.stderr]).toEqual([0, `host ${path}.tend-r7k2p-copy\n`, ""]);
    expect(tally(`${path}.tend-r7k2p-copy`)).toEqual({ integrity: "ok", whole: true, n: 0 });
  }
});
