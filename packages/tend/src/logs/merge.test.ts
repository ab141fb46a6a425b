import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entry, Merge } from "./merge.ts";

const T = (second: number, fraction = "") => `2026-11-20T08:00:${String(second).padStart(2, "0")}${fraction}Z`;

function merged(sources: Readonly<Record<string, readonly string[]>>): readonly Entry[] {
  const seen: Entry[] = [];
  const merge = new Merge(Number.POSITIVE_INFINITY, (entry) => seen.push(entry));
  for (const [name, lines] of Object.entries(sources)) {
    const feed = merge.source();
    for (const line of lines) feed.push(name, line);
    feed.end();
  }
  merge.flush();
  return seen;
}

describe("the logs of several services", () => {
  test("are one log, in the order of their times", () => {
    const seen = merged({ web: [`${T(1)} a`, `${T(3)} c`], worker: [`${T(2)} b`] });
    expect(seen).toEqual([
      { at: T(1), source: "web", text: "a" },
      { at: T(2), source: "worker", text: "b" },
      { at: T(3), source: "web", text: "c" },
    ]);
  });

  test("are ordered by fractions of a second, however many digits each has", () => {
    const seen = merged({
      web: [`${T(1, ".5")} b`, `${T(1, ".500000001")} c`, `${T(2)} d`],
      worker: [`${T(1, ".123456789")} a`, `${T(1)} 0`].reverse(),
    });
    expect(seen.map((entry) => entry.text)).toEqual(["0", "a", "b", "c", "d"]);
  });

  test("keep a stack trace with the line that it belongs to", () => {
    const seen = merged({ web: [`${T(1)} Error: x`, "    at main", `${T(3)} next`], worker: [`${T(2)} meanwhile`] });
    expect(seen.map((entry) => entry.text)).toEqual(["Error: x", "    at main", "meanwhile", "next"]);
  });

  test("keep each service's own order where times are equal", () => {
    expect(merged({ web: [`${T(1)} 1`, `${T(1)} 2`, `${T(1)} 3`] }).map((entry) => entry.text)).toEqual(["1", "2", "3"]);
  });

  test("keep an empty line, and text that is no more than a time", () => {
    expect(merged({ web: [`${T(1)} `, T(2)] }).map((entry) => entry.text)).toEqual(["", ""]);
  });

  test("while they are followed: a line waits a little for an earlier one of another service, and not for ever", async () => {
    const seen: string[] = [];
    const merge = new Merge(100, (entry) => seen.push(entry.text));
    const [web, worker] = [merge.source(), merge.source()];
    web.push("web", `${T(2)} second`);
    await delay(30);
    worker.push("worker", `${T(1)} first`);
    await delay(250);
    expect(seen).toEqual(["first", "second"]);
    merge.flush();
  });
});

const line = fc.record({
  second: fc.nat(59),
  fraction: fc.option(fc.nat(999_999_999), { nil: undefined }),
  text: fc.string({ maxLength: 5 }).map((text) => text.replaceAll("\n", "")),
});
const sortedSource = fc
  .array(line, { maxLength: 40 })
  .map((all) =>
    all
      .map(
        ({ second, fraction, text }) =>
          `${T(second, fraction === undefined ? "" : `.${String(fraction).padStart(9, "0")}`)} ${text}`,
      )
      .sort(),
  );

const key = (at: string) => at.replace("Z", "").padEnd(29, ".000000000".slice(at.length - 20));

test("whatever sorted logs come in, one sorted log comes out, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom("a", "b", "c", "d"), sortedSource, { noNullPrototype: true }), (sources) => {
      const seen = merged(sources);
      const times = seen.map((entry) => key(entry.at));
      expect(times).toEqual(times.toSorted());
      for (const [name, lines] of Object.entries(sources)) {
        const own = seen.filter((entry) => entry.source === name).map((entry) => `${entry.at} ${entry.text}`);
        expect(own.toSorted()).toEqual([...lines].toSorted());
      }
    }),
  );
});

test("more than it likes to hold is passed on before the end, still in order", () => {
  const seen: string[] = [];
  const merge = new Merge(Number.POSITIVE_INFINITY, (entry) => seen.push(entry.text));
  const [web, worker] = [merge.source(), merge.source()];
  const stamp = (at: number) => T(Math.floor(at / 100), `.${String(at % 100).padStart(2, "0")}`);
  for (let at = 0; at < 3000; at += 2) {
    web.push("web", `${stamp(at)} ${at}`);
    worker.push("worker", `${stamp(at + 1)} ${at + 1}`);
  }
  expect(seen.length).toBeGreaterThan(1000);
  web.end();
  worker.end();
  merge.flush();
  expect(seen).toEqual(Array.from({ length: 3000 }, (_, at) => String(at)));
});
