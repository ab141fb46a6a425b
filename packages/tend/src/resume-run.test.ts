import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Progress } from "./carry-out.ts";
import { Bench } from "./execute/testing.ts";
import type { Plan, Step } from "./plan/plan.ts";
import { exec } from "./plan/print.ts";
import { planOf, step, undo } from "./plan/testing.ts";
import { resumeRun } from "./resume-run.ts";
import type { Session } from "./session.ts";
import { sh } from "./transport/argv.ts";
import { LocalTransport } from "./transport/local.ts";
import type { Channel, Transport } from "./transport/transport.ts";

/** When tend dies: as it is told its nth piece of news, or before or after its nth script has run on the host. */
type Death = { readonly at: "news" | "before" | "after"; readonly nth: number };

/** tend is gone: nothing that it would have done afterwards happens. */
class Died extends Error {}

/** A transport that tend dies at: from then on it does nothing more. */
function mortal(over: Transport, death: Death) {
  const channels: Channel[] = [];
  let dead = false;
  let runs = 0;
  const die = () => {
    dead = true;
    for (const channel of channels) channel.close();
    throw new Died();
  };
  const transport: Transport = {
    host: over.host,
    via: over.via,
    counters: over.counters,
    async run(script, options) {
      if (dead) throw new Died();
      runs += 1;
      if (death.at === "before" && runs === death.nth) die();
      const output = await over.run(script, options);
      if (death.at === "after" && runs === death.nth) die();
      return output;
    },
    stream(script, options) {
      if (dead) throw new Died();
      const channel = over.stream(script, options);
      channels.push(channel);
      return channel;
    },
    attach: (script) => over.attach(script),
    connect: (address) => over.connect(address),
    close: () => over.close(),
  };
  let told = 0;
  const onNews = () => {
    told += 1;
    if (death.at === "news" && told === death.nth) die();
  };
  return { transport, onNews };
}

/** Executes a plan with a tend that dies; what it was killed with it leaves behind. Answers whether it lived. */
async function playUntil(bench: Bench, plan: Plan, death: Death): Promise<"lived" | "died"> {
  const { transport, onNews } = mortal(bench.transport, death);
  return bench.play(plan, { transport, on: onNews }).then(
    () => "lived",
    () => "died",
  );
}

async function resume(bench: Bench, options: { dryRun?: boolean; death?: Death } = {}) {
  const local = new LocalTransport(bench.host.name);
  const { transport, onNews } = options.death ? mortal(local, options.death) : { transport: local, onNews: () => undefined };
  const session = { transport: async () => transport, by: "bo@desk", signal: undefined } as unknown as Session;
  const heard: Progress[] = [];
  const on = (progress: Progress) => {
    heard.push(progress);
    if (progress.type === "news") onNews();
  };
  try {
    const failure = await resumeRun(session, bench.place, { dryRun: options.dryRun ?? false, on });
    return { failure, heard };
  } finally {
    await local.close();
  }
}

/** The host lost its power: what ran there is gone, in the middle of whatever it was. */
function cutPower(bench: Bench, plan: Plan): void {
  const pid = bench.text(`runs/${plan.id}/pid`).trim().split(" ")[0];
  if (pid) execFileSync("sh", ["-c", `while kill -KILL -${pid} 2>/dev/null; do sleep 0.02; done`]);
}

async function onBench<T>(use: (bench: Bench) => Promise<T>): Promise<T> {
  const bench = new Bench();
  try {
    return await use(bench);
  } finally {
    await bench.close();
  }
}

const noting = (bench: Bench, id: string, more: Partial<Step> = {}) =>
  step(id, sh`sleep 0.02; ${bench.note(id)}; sleep 0.02`, more);

/** As a deploy is made: prepared, switched, asked from here, recorded. */
const six = (bench: Bench): Plan => {
  const here = step("push", sh`:`, { action: exec([bench.note("push")], { on: "here" }), phase: "prepare" });
  return planOf(
    [
      noting(bench, "fetch", { phase: "prepare" }),
      here,
      noting(bench, "build", { phase: "prepare" }),
      noting(bench, "swap"),
      noting(bench, "gate", { effect: "reads" }),
      noting(bench, "record", { phase: "finish" }),
    ],
    { undo: ["swap", "build", "fetch"].map((id) => undo(id, bench.note(`undo ${id}`))) },
  );
};

const failingAt = (plan: Plan, id: string): Plan => ({
  ...plan,
  steps: plan.steps.map((one) => (one.id === id ? { ...one, action: exec([sh`echo "Error: no ${id}"; exit 1`]) } : one)),
});

const deaths: readonly Death[] = [
  ...Array.from({ length: 12 }, (_, at) => ({ at: "news" as const, nth: at + 1 })),
  ...Array.from({ length: 7 }, (_, at) => ({ at: "before" as const, nth: at + 1 })),
  ...Array.from({ length: 7 }, (_, at) => ({ at: "after" as const, nth: at + 1 })),
];

describe("a run whose tend died is gone on with", () => {
  test("from wherever it was: every step is done, and what the host does only once", { timeout: 120_000 }, async () => {
    const outcomes = await Promise.all(
      deaths.map((death) =>
        onBench(async (bench) => {
          await playUntil(bench, six(bench), death);
          const began = bench.journal.some((event) => event.type === "run.start");
          const { failure } = await resume(bench);
          const notes = bench.notes.filter((note, at, all) => note !== "push" || all.indexOf("push") === at);
          return { death, failure: failure?.parts, notes, done: began, unfinished: bench.unfinished, locked: bench.locked };
        }),
      ),
    );
    for (const { death, done, ...outcome } of outcomes) {
      expect({ death, ...outcome }).toEqual({
        death,
        failure: undefined,
        notes: done ? ["fetch", "push", "build", "swap", "gate", "record"] : [],
        unfinished: undefined,
        locked: false,
      });
    }
    expect(outcomes.filter(({ done }) => done).length).toBeGreaterThan(deaths.length - 4);
  });

  test("and one that had failed is taken back, from wherever it was", { timeout: 120_000 }, async () => {
    const outcomes = await Promise.all(
      deaths.map((death) =>
        onBench(async (bench) => {
          await playUntil(bench, failingAt(six(bench), "gate"), death);
          const began = bench.journal.some((event) => event.type === "run.start");
          const ended = bench.journal.find((event) => event.type === "run.end");
          const { failure } = await resume(bench);
          const tail = bench.notes.slice(-3);
          return {
            death,
            began,
            ended,
            failure,
            tail,
            after: bench.notes.includes("record"),
            open: [bench.unfinished, bench.locked],
          };
        }),
      ),
    );
    for (const { death, began, ended, failure, tail, after, open } of outcomes) {
      const wanted = began ? ["undo swap", "undo build", "undo fetch"] : [];
      expect({ death, tail, after, open }).toEqual({ death, tail: wanted, after: false, open: [undefined, false] });
      if (began && !ended) expect(failure?.parts).toMatchObject({ evidence: ["Error: no gate"] });
    }
  });

  test("and one that could not be taken back altogether is, once that can be done", async () => {
    await onBench(async (bench) => {
      const mended = bench.file("mended");
      const plan = failingAt(six(bench), "gate");
      const stubborn = undo("swap", sh`[ -f ${mended} ] && ${bench.note("undo swap")}`);
      const { failure } = await bench.play({ ...plan, undo: [stubborn, ...plan.undo.slice(1)] });
      expect(failure?.parts.help).toMatch(/^tend resume web/);
      writeFileSync(mended, "");
      const again = await resume(bench);
      expect(again.failure?.parts).toMatchObject({
        id: "step.failed",
        changed: "nothing lasting: what was started is gone again",
      });
      expect(bench.notes.slice(-3)).toEqual(["undo swap", "undo build", "undo fetch"]);
      expect([bench.notes.includes("record"), bench.unfinished, bench.locked]).toEqual([false, undefined, false]);
    });
  });

  test("and one that was interrupted, and whose tend then died in taking it back, doesn't go forward", async () => {
    await onBench(async (bench) => {
      const abort = new AbortController();
      const slow = six(bench);
      const plan = {
        ...slow,
        steps: slow.steps.map((one) => (one.id === "swap" ? { ...one, action: exec([bench.note("swap"), sh`sleep 0.5`]) } : one)),
        undo: [undo("swap", sh`sleep 0.3; ${bench.note("undo swap")}`), ...slow.undo.slice(1)],
      };
      const { transport, onNews } = mortal(bench.transport, { at: "news", nth: 10 });
      const on = (news: { type: string; step?: string }) => {
        if (news.type === "step.start" && news.step === "swap") abort.abort();
        onNews();
      };
      await bench.play(plan, { transport, on, signal: abort.signal }).catch(() => undefined);
      const { failure } = await resume(bench);
      expect(failure?.parts.id).toBe("run.interrupted");
      expect(bench.notes.slice(-3)).toEqual(["undo swap", "undo build", "undo fetch"]);
      expect([bench.notes.includes("gate"), bench.unfinished, bench.locked]).toEqual([false, undefined, false]);
    });
  });

  test("when the one who goes on with it dies as well", async () => {
    await onBench(async (bench) => {
      await playUntil(bench, six(bench), { at: "news", nth: 3 });
      await resume(bench, { death: { at: "news", nth: 3 } }).catch(() => undefined);
      await resume(bench);
      expect([bench.notes.at(-1), bench.unfinished, bench.locked]).toEqual(["record", undefined, false]);
    });
  });

  test("as its dry run says: only what is left to do, and nothing is changed", async () => {
    await onBench(async (bench) => {
      const plan = planOf([
        step("one", bench.note("one")),
        step("here", sh`:`, { action: exec([sh`:`], { on: "here" }) }),
        step("two", bench.note("two")),
      ]);
      await playUntil(bench, plan, { at: "news", nth: 3 });
      const { heard } = await resume(bench, { dryRun: true });
      expect(heard.flatMap((progress) => (progress.type === "plan" ? progress.plan.steps.map((one) => one.id) : []))).toEqual([
        "here",
        "two",
      ]);
      expect(bench.notes).toEqual(["one"]);
    });
  });

  test("and nothing is done when no run is unfinished", async () => {
    await onBench(async (bench) => {
      const { heard } = await resume(bench);
      expect(heard).toContainEqual({ type: "nothing", app: "web", host: "box", text: "no run is unfinished" });
    });
  });
});

describe("another run at work on the app", () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });
  afterEach(() => bench.close());

  test("is not disturbed", async () => {
    await playUntil(bench, six(bench), { at: "news", nth: 2 });
    const other = { ...planOf([step("long", sh`sleep 0.3`)]), id: "rother" as Plan["id"] };
    await expect(bench.play(other)).rejects.toMatchObject({ id: "run.locked" });
  });
});

interface Shape {
  readonly phase: Step["phase"];
  readonly here: boolean;
  readonly guarded: boolean;
  readonly fails: boolean;
}

const shape: fc.Arbitrary<Omit<Shape, "phase">> = fc.record({
  here: fc.boolean(),
  guarded: fc.boolean(),
  fails: fc.nat(5).map((one) => one === 0),
});

test("whatever the plan, wherever tend dies, whether or not the host dies too: it is seen through or taken back", {
  timeout: 120_000,
}, async () => {
  const plans = fc
    .tuple(fc.array(shape, { maxLength: 2 }), fc.array(shape, { minLength: 1, maxLength: 3 }), fc.array(shape, { maxLength: 1 }))
    .map(([prepare, change, finish]): readonly Shape[] => [
      ...prepare.map((one) => ({ ...one, phase: "prepare" as const })),
      ...change.map((one) => ({ ...one, phase: "switch" as const })),
      ...finish.map((one) => ({ ...one, phase: "finish" as const })),
    ]);
  const death = fc.record({
    at: fc.constantFrom("news" as const, "before" as const, "after" as const),
    nth: fc.integer({ min: 1, max: 9 }),
  });
  const runs = fc.sample(fc.tuple(plans, death, fc.boolean()), { numRuns: 30, seed: Date.now() });
  for (const batch of chunks(runs, 10)) {
    await Promise.all(
      batch.map(([shapes, death, hostDies]) =>
        onBench(async (bench) => {
          const plan = planFrom(bench, shapes);
          await playUntil(bench, plan, death);
          if (hostDies) cutPower(bench, plan);
          const began = bench.journal.some((event) => event.type === "run.start");
          const about = JSON.stringify({ shapes, death, hostDies });
          await inTime(resume(bench), () => `${about}\n${bench.text(`runs/${plan.id}/events.jsonl`)}`);
          const said = `${about} ${bench.notes.join(" ")}`;
          expect([bench.unfinished, bench.locked], said).toEqual([undefined, false]);
          const result = bench.journal.find((event) => event.type === "run.end");
          if (!began) {
            expect(bench.notes, said).toEqual([]);
            return;
          }
          const firstFailure = shapes.findIndex((one) => one.fails && !one.guarded);
          expect(result, said).toMatchObject({ result: firstFailure < 0 ? "done" : "failed" });
          const wanted = shapes.flatMap((one, at) =>
            one.guarded || one.fails || (firstFailure >= 0 && at > firstFailure) ? [] : [`s${at}`],
          );
          const done = bench.notes.filter((note) => !note.startsWith("undo"));
          expect([...new Set(done)], said).toEqual(wanted);
          if (!hostDies)
            expect(
              done.filter((note) => !shapes[Number(note.slice(1))]?.here),
              said,
            ).toEqual(wanted.filter((id) => !shapes[Number(id.slice(1))]?.here));
          const undone = plan.undo
            .map((one) => one.of)
            .filter((of) => firstFailure >= 0 && (wanted.includes(of) || of === `s${firstFailure}`));
          expect(bench.notes.slice(bench.notes.length - undone.length), said).toEqual(undone.map((of) => `undo ${of}`));
        }),
      ),
    );
  }
});

function planFrom(bench: Bench, shapes: readonly Shape[]): Plan {
  const steps = shapes.map(({ phase, here, guarded, fails }, at): Step => {
    const script = fails ? sh`exit 1` : sh`${bench.note(`s${at}`)}; sleep 0.01`;
    return step(`s${at}`, script, {
      phase,
      action: exec([script], { on: here ? "here" : "host" }),
      guard: guarded ? { id: `g${at}`, text: "", otherwise: "", check: sh`false` } : undefined,
    });
  });
  return planOf(steps, { undo: steps.map((one) => undo(one.id, bench.note(`undo ${one.id}`))).reverse() });
}

/** What hangs is told with what is known of it. */
async function inTime<T>(work: Promise<T>, said: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hangs: ${said()}`)), 20_000);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return all.length === 0 ? [] : [all.slice(0, size), ...chunks(all.slice(size), size)];
}
