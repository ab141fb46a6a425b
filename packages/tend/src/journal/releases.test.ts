import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Event, ReleaseEvent } from "./events.ts";
import { fold, liveRelease, parseEvents, previousRelease, stateOf } from "./releases.ts";

const at = "2026-11-20T08:00:00.000Z";

function release(number: number, of?: number): ReleaseEvent {
  return {
    v: 1,
    at,
    type: "release",
    run: `r${number}abc`,
    app: "web",
    release: number,
    operation: of === undefined ? "deploy" : "rollback",
    by: "anna@laptop",
    of,
    images: {},
    configs: {},
    env: "",
  };
}

const start = (run: string): Event => ({
  v: 1,
  at,
  type: "run.start",
  run,
  operation: "deploy",
  app: "web",
  title: `deploy ${run}`,
  by: "anna",
});
const end = (run: string): Event => ({ v: 1, at, type: "run.end", run, app: "web", result: "done", text: "" });

describe("a journal", () => {
  test("has the releases, oldest first", () => {
    const history = fold([start("rone"), release(1), end("rone"), start("rtwo"), release(2), end("rtwo")]);
    expect(history.releases.map((one) => one.release)).toEqual([1, 2]);
    expect(liveRelease(history)?.release).toBe(2);
    expect(history.unfinished).toBeUndefined();
  });

  test("has the run that began and never ended", () => {
    expect(fold([start("rone"), end("rone"), start("rtwo")]).unfinished).toEqual({
      run: "rtwo",
      title: "deploy rtwo",
      by: "anna",
      at,
    });
  });

  test("of an app that nothing was done to is empty", () => {
    expect(fold([])).toEqual({ releases: [], backups: [], drills: [], restores: [], unfinished: undefined });
    expect(liveRelease(fold([]))).toBeUndefined();
  });

  test("is read in spite of lines that were cut off, of other versions, or no events at all", () => {
    const good = JSON.stringify(release(1));
    const text = ["", good.slice(0, 40), "null", '{"v":2,"type":"release"}', "# a comment", good, "}"].join("\n");
    expect(parseEvents(text)).toEqual([JSON.parse(good)]);
  });

  test("whatever is in its file, reading it doesn't fail", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json(), fc.constant(JSON.stringify(release(3))))), (lines) => {
        for (const event of parseEvents(lines.join("\n"))) expect(event.v).toBe(1);
      }),
    );
  });
});

describe("a rollback that names no release goes back to", () => {
  const previous = (...all: ReleaseEvent[]) => previousRelease(all)?.release;

  test("the one before", () => {
    expect(previous(release(1), release(2), release(3))).toBe(2);
  });

  test("the state before the one that a rollback brought back", () => {
    expect(previous(release(1), release(2), release(3), release(4, 2))).toBe(1);
  });

  test("ever older states, one rollback after the other, until there is none", () => {
    const all = [release(1), release(2), release(3)];
    expect(previous(...all)).toBe(2);
    all.push(release(4, 2));
    expect(previous(...all)).toBe(1);
    all.push(release(5, 1));
    expect(previous(...all)).toBeUndefined();
  });

  test("what was live before a deploy that followed a rollback: 3 was bad, and is not gone back to", () => {
    expect(previous(release(1), release(2), release(3), release(4, 2), release(5))).toBe(4);
  });

  test("nothing, where there is no other", () => {
    expect([previous(), previous(release(1))]).toEqual([undefined, undefined]);
  });
});

/** Any history that could have come about: deploys, and rollbacks to releases that exist. */
const histories = fc.array(fc.option(fc.nat(1000), { nil: undefined }), { minLength: 1, maxLength: 30 }).map((choices) => {
  const all: ReleaseEvent[] = [];
  for (const choice of choices) {
    const target = choice === undefined ? undefined : all[choice % Math.max(1, all.length)];
    all.push(release(all.length + 1, target && stateOf(target)));
  }
  return all;
});

describe("whatever was deployed and rolled back", () => {
  test("a rollback never goes to the state that is live", () => {
    fc.assert(
      fc.property(histories, (all) => {
        const target = previousRelease(all);
        if (target) expect(stateOf(target)).not.toBe(stateOf(all.at(-1) as ReleaseEvent));
      }),
    );
  });

  test("rolling back again and again goes to ever older states, and ends", () => {
    fc.assert(
      fc.property(histories, (given) => {
        let all = given;
        for (let target = previousRelease(all); target; target = previousRelease(all)) {
          expect(stateOf(target)).toBeLessThan(stateOf(all.at(-1) as ReleaseEvent));
          all = [...all, release(all.length + 1, stateOf(target))];
          expect(all.length).toBeLessThan(given.length * 2 + 2);
        }
      }),
    );
  });
});
