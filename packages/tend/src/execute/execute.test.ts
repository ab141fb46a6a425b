import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Failure } from "../model/failure.ts";
import { type RunId, runId } from "../model/names.ts";
import type { Guard, Step } from "../plan/plan.ts";
import { exec } from "../plan/print.ts";
import { planOf, r1, step, undo } from "../plan/testing.ts";
import { sh } from "../transport/argv.ts";
import { StalePlan } from "./host-run.ts";
import { Bench } from "./testing.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

/** A step that leaves its name in the notes. */
const noting = (id: string, more: Partial<Step> = {}) => step(id, bench.note(id), more);
const failing = (id: string, more: Partial<Step> = {}) => step(id, sh`echo "Error: no ${id}"; exit 3`, more);
const undoing = (id: string) => undo(id, bench.note(`undo ${id}`));
const guard = (id: string, holds: boolean): Guard => ({
  id,
  text: id,
  otherwise: `not ${id}`,
  check: sh`${holds ? "true" : "false"}`,
});
const types = (events: readonly { readonly type: string }[]) => events.map((event) => event.type);

describe("a plan that succeeds", () => {
  const plan = () =>
    planOf([
      noting("fetch", { phase: "prepare" }),
      noting("build", { phase: "prepare" }),
      noting("swap"),
      noting("record", { phase: "finish" }),
    ]);

  test("is done step by step, in its order", async () => {
    const report = await bench.play(plan());
    expect(report).toMatchObject({ result: "done", failure: undefined, skipped: [] });
    expect(bench.notes).toEqual(["fetch", "build", "swap", "record"]);
    expect(bench.news).toEqual(["fetch", "build", "swap", "record"].flatMap((id) => [`start ${id}`, `done ${id}`]));
  });

  test("is in the journal: who began what, and what it came to", async () => {
    await bench.play(plan());
    expect(bench.journal).toMatchObject([
      { type: "run.start", run: r1, operation: "deploy", app: "web", title: "deploy web on box", by: "anna@laptop" },
      { type: "run.end", run: r1, app: "web", result: "done", text: "deploy web on box" },
    ]);
    expect(types(bench.events(plan())).filter((type) => type !== "segment.end")).toEqual([
      "run.start",
      ...["fetch", "build", "swap", "record"].flatMap(() => ["step.start", "step.end"]),
      "run.end",
    ]);
  });

  test("gives the lock back and leaves nothing that others may read", async () => {
    await bench.play(plan());
    expect(bench.locked).toBe(false);
    const open = readdirSync(bench.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .filter((entry) => (statSync(join(entry.parentPath, entry.name)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
  });

  test("leaves the plan itself beside its events", async () => {
    await bench.play(plan());
    expect(JSON.parse(bench.text(`runs/${r1}/plan.json`))).toMatchObject({
      version: 1,
      id: r1,
      steps: [{ id: "fetch" }, {}, {}, {}],
    });
  });

  test("runs whatever text its steps hold", async () => {
    const content = "{}\nTEND_SEGMENT\necho injected >&2\n'\"$HOME`id`\\\n";
    const write = { kind: "write", path: bench.file("odd"), content, mode: "600" } as const;
    expect((await bench.play(planOf([step("write", sh`:`, { action: write })]))).result).toBe("done");
    expect(bench.text("odd")).toBe(content);
  });
});

describe("a plan whose step fails", () => {
  const plan = (more: Partial<Step> = {}) =>
    planOf([noting("fetch", { phase: "prepare" }), noting("surge"), failing("gate", more), noting("replace")], {
      undo: [undoing("replace"), undoing("gate"), undoing("surge"), undoing("fetch")],
      undoneBy: "tend rollback web",
    });

  test("goes no further, and takes back what had begun, in the plan's order of taking back", async () => {
    const report = await bench.play(plan());
    expect(report.result).toBe("failed");
    expect(bench.notes).toEqual(["fetch", "surge", "undo gate", "undo surge", "undo fetch"]);
    expect(bench.news.slice(-4)).toEqual(["undo 3", "done undo gate", "done undo surge", "done undo fetch"]);
  });

  test("says what failed, with what it printed, and that nothing lasting changed", async () => {
    const { failure } = await bench.play(plan());
    expect(failure?.parts).toMatchObject({
      id: "step.failed",
      exit: "failed",
      title: '"do gate" failed',
      where: "box · web",
      evidence: ["Error: no gate"],
      changed: "nothing lasting: what was serving before is serving again",
      run: r1,
    });
  });

  test("is reported as the failure that the step names", async () => {
    const { failure } = await bench.play(plan({ fails: { id: "release.unhealthy", title: "web did not become healthy" } }));
    expect(failure?.parts).toMatchObject({ id: "release.unhealthy", title: "web did not become healthy" });
  });

  test("is refused, not failed, where the step says so", async () => {
    const report = await bench.play(plan({ fails: { id: "registry.pull", title: "no images", exit: "refused" } }));
    expect([report.result, report.failure?.parts.exit]).toEqual(["refused", "refused"]);
    expect(bench.journal.at(-1)).toMatchObject({ type: "run.end", result: "refused", failure: { id: "registry.pull" } });
  });

  test("before anything was switched: users saw nothing", async () => {
    const steps = [noting("fetch", { phase: "prepare" }), failing("build", { phase: "prepare" })];
    const report = await bench.play(planOf(steps, { undo: [undoing("fetch")], undoneBy: "tend rollback web" }));
    expect(report.failure?.parts.changed).toBe("nothing that users see; what was serving still is");
  });

  test("of a first release, before anything was switched: nothing was started either", async () => {
    const steps = [noting("login", { phase: "prepare" }), failing("pull", { phase: "prepare" })];
    const report = await bench.play(planOf(steps, { undo: [undoing("start")] }));
    expect(report.failure?.parts.changed).toBe("nothing that users see");
  });

  test("of a first release: nothing serves, as before", async () => {
    const report = await bench.play(planOf([noting("start"), failing("gate")], { undo: [undoing("start")] }));
    expect(report.failure?.parts.changed).toBe("nothing lasting: what was started is gone again");
  });

  test("before anything was changed: nothing did", async () => {
    const report = await bench.play(planOf([failing("look", { effect: "reads" })]));
    expect(report.failure?.parts.changed).toBe("nothing");
  });

  test("by a step that leaves nothing when it fails: nothing did", async () => {
    const report = await bench.play(planOf([failing("backup", { phase: "prepare", allOrNothing: true })]));
    expect(report.failure?.parts.changed).toBe("nothing");
  });

  test("and can't be taken back altogether: it is said what wasn't", async () => {
    const back = [undo("gate", sh`exit 1`), undoing("surge")];
    const { failure } = await bench.play({ ...plan(), undo: back });
    expect(bench.notes).toEqual(["fetch", "surge", "undo surge"]);
    expect(failure?.parts).toMatchObject({
      changed: "not everything could be taken back; what could not: undo gate",
      help: "tend resume web takes back the rest, once what kept it from that is mended",
    });
    expect([bench.unfinished?.run, bench.locked]).toEqual([r1, false]);
  });

  test("doesn't take back a step that was left out", async () => {
    const left = noting("surge", { guard: guard("changed", false) });
    await bench.play(planOf([left, failing("gate")], { undo: [undoing("surge")] }));
    expect(bench.notes).toEqual([]);
  });
});

describe("steps that only some runs need", () => {
  test("are left out together where their guard doesn't hold", async () => {
    const changed = guard("changed", false);
    const report = await bench.play(
      planOf([noting("surge", { guard: changed }), noting("gate", { guard: changed }), noting("record")]),
    );
    expect(report).toMatchObject({ result: "done", skipped: ["surge", "gate"] });
    expect(bench.notes).toEqual(["record"]);
  });
});

describe("steps that tend itself does", () => {
  let server: Server;
  let status = 200;
  let asked = 0;
  let url = "";
  beforeEach(async () => {
    [status, asked] = [200, 0];
    server = createServer((_, response) => {
      asked += 1;
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const probing = (id: string, more: Partial<Step> = {}) =>
    step(id, sh`:`, { effect: "reads", action: { kind: "probe", target: { url }, deadline: 1 }, ...more });

  test("stand between the host's, in the plan's order", async () => {
    const here = step("push", sh`:`, { action: exec([bench.note("push")], { on: "here" }) });
    const report = await bench.play(planOf([noting("swap"), probing("public"), here, noting("record", { phase: "finish" })]));
    expect(report.result).toBe("done");
    expect([bench.notes, asked]).toEqual([["swap", "push", "record"], 1]);
    expect(
      bench
        .events(planOf([]))
        .flatMap((event) => (event.type === "step.end" ? [event.step] : []))
        .toSorted(),
    ).toEqual(["public", "push", "record", "swap"]);
  });

  test("fail like the host's: what had begun is taken back, and the answer is the evidence", async () => {
    status = 503;
    const report = await bench.play(planOf([noting("swap"), probing("public"), noting("record")], { undo: [undoing("swap")] }));
    expect(bench.notes).toEqual(["swap", "undo swap"]);
    expect(report.failure?.parts.evidence?.join()).toContain(`GET ${url} was answered: 503`);
  });

  test("go by the guard's answer that the host's had", async () => {
    const once: Guard = { id: "changed", text: "", otherwise: "", check: sh`${bench.note("asked")}; false` };
    await bench.play(planOf([noting("swap", { guard: once }), probing("public", { guard: once })]));
    expect([bench.notes, asked]).toEqual([["asked"], 0]);
  });

  test("ask the guard on the host where no step has yet", async () => {
    await bench.play(planOf([probing("one", { guard: guard("no", false) }), probing("two", { guard: guard("yes", true) })]));
    expect(asked).toBe(1);
  });

  test("reach what only the host can, by the address that the host tells", async () => {
    const { port } = new URL(url);
    const target = { url: "http://web:8000/", fromHost: { address: sh`printf '%s %s\n' 127.0.0.1 ${port}` } };
    const report = await bench.play(planOf([step("gate", sh`:`, { action: { kind: "probe", target, deadline: 2 } })]));
    expect([report.result, asked]).toEqual(["done", 1]);
  });

  test("measure what users saw, and leave it where the release's record finds it", async () => {
    const plan = planOf(
      [step("swap", sh`sleep 1.5`), step("record", sh`cp gap.json ${bench.file("seen.json")}`, { phase: "finish" })],
      {
        watch: [{ url }],
      },
    );
    const report = await bench.play(plan);
    expect(report.gap).toMatchObject({ url, failed: 0 });
    expect(JSON.parse(bench.text("seen.json"))).toEqual(report.gap);
    expect(bench.journal.at(-1)).toMatchObject({ type: "run.end", gap: report.gap });
  });
});

describe("a plan is not begun", () => {
  test("when the host is no longer what it stands on", async () => {
    const basis = sh`echo ${"now"}`;
    await expect(bench.play(planOf([noting("one")], { basis: "then" }), { basis })).rejects.toThrow(StalePlan);
    expect([bench.notes, bench.journal, bench.locked]).toEqual([[], [], false]);
    expect((await bench.play(planOf([noting("one")], { basis: "now" }), { basis })).result).toBe("done");
  });

  test("when somebody else is at work on the app", async () => {
    mkdirSync(bench.file("apps/web/lock"), { recursive: true });
    const owner = { run: "rother", title: "rollback web", by: "bo@desk", since: "2026-11-20T08:00:00.000Z" };
    writeFileSync(bench.file("apps/web/lock/owner"), JSON.stringify(owner));
    await expect(bench.play(planOf([noting("one")]))).rejects.toMatchObject({ id: "run.locked", parts: { exit: "locked" } });
    expect([bench.notes, bench.journal, bench.locked]).toEqual([[], [], true]);
  });

  test("when the host's state folder can't be written to", async () => {
    writeFileSync(bench.file("apps"), "in the way");
    chmodSync(bench.file("apps"), 0o400);
    await expect(bench.play(planOf([noting("one")]))).rejects.toMatchObject({ id: "host.state" });
    expect(bench.notes).toEqual([]);
  });
});

test("a run that takes the place of an unfinished one says so in the journal", async () => {
  const plan = planOf([noting("one")]);
  const first = {
    v: 1,
    at: "2026-11-20T08:00:00.000Z",
    type: "run.start",
    run: "rdead",
    operation: "deploy",
    app: "web",
    title: "t",
    by: "b",
  };
  mkdirSync(bench.file("apps/web"), { recursive: true });
  writeFileSync(bench.file("apps/web/journal.jsonl"), `${JSON.stringify(first)}\n`);
  expect(bench.unfinished?.run).toBe("rdead");
  await bench.play(plan, { supersedes: runId.parse("rdead") as RunId });
  expect(bench.journal[1]).toMatchObject({
    type: "run.end",
    run: "rdead",
    result: "superseded",
    text: `run ${r1} took its place`,
  });
  expect(bench.unfinished).toBeUndefined();
});

describe("Ctrl-C", () => {
  /** Aborts as soon as the step has begun. */
  async function interrupted(steps: readonly Step[], at: string) {
    const abort = new AbortController();
    const report = await bench.play(planOf(steps, { undo: steps.map((one) => undoing(one.id)) }), {
      signal: abort.signal,
      on: (news) => {
        if (news.type === "step.start" && news.step === at) setTimeout(() => abort.abort(), 50);
      },
    });
    return report;
  }

  test("lets a step come to its end that must not be cut short, and takes everything back", async () => {
    const slow = step("swap", sh`sleep 0.5; ${bench.note("swap")}`);
    const report = await interrupted([slow, noting("record")], "swap");
    expect([report.result, report.failure?.parts.exit]).toEqual(["interrupted", "interrupted"]);
    expect(bench.notes).toEqual(["swap", "undo swap"]);
  });

  test("cuts a step short that may be, with all that it started", async () => {
    const slow = step("build", sh`sh -c 'sleep 8; echo late >>"$0"' ${bench.file("notes")}; ${bench.note("on")}`, {
      interruptible: true,
    });
    const report = await interrupted([slow, noting("record")], "build");
    expect(report.result).toBe("interrupted");
    // Neither that nor what comes after it: it was not waited for.
    expect(bench.notes).toEqual(["undo build"]);
    await delay(8000);
    expect(bench.notes).toEqual(["undo build"]);
  });

  test("leaves the lock free and the run ended", async () => {
    await interrupted([step("swap", sh`sleep 0.3`)], "swap");
    expect([bench.locked, bench.unfinished]).toEqual([false, undefined]);
    expect(bench.journal.at(-1)).toMatchObject({ type: "run.end", result: "interrupted" });
  });
});

test("a lost connection costs nothing: what was missed is told when it is there again", async () => {
  const slow = planOf([step("one", sh`sleep 0.4`), step("two", sh`sleep 0.4`), noting("three")]);
  const open = vi.spyOn(bench.transport, "stream");
  const lost = new Failure({ id: "transport.lost", exit: "unreachable", title: "it broke" });
  const playing = bench.play(slow);
  await vi.waitFor(() => expect(bench.news).toContain("start one"));
  open.mock.results[0]?.value.close();
  open.mockImplementationOnce(() => {
    throw lost;
  });
  expect((await playing).result).toBe("done");
  expect(bench.news).toEqual(["start one", "done one", "start two", "done two", "start three", "done three"]);
});

test("a part that was killed on the host is said to be broken, and can be gone on with", async () => {
  const slow = planOf([step("one", sh`sleep 30`)]);
  const playing = bench.play(slow);
  await vi.waitFor(() => expect(bench.news).toContain("start one"));
  const pid = Number(bench.text(`runs/${r1}/pid`).split(" ")[0]);
  process.kill(-pid, "SIGKILL");
  await expect(playing).rejects.toMatchObject({ id: "run.broken", parts: { exit: "resumable", help: "tend resume web" } });
  expect(bench.unfinished?.run).toBe(r1);
});
