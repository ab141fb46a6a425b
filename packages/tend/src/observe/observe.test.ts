import { afterAll, describe, expect, test } from "vitest";
import { box } from "../plan/testing.ts";
import { sh } from "../transport/argv.ts";
import { LocalTransport } from "../transport/local.ts";
import { RecordingTransport } from "../transport/recording.ts";
import { observe, probe, type Seen } from "./observe.ts";

const local = new LocalTransport(box);
afterAll(() => local.close());

const seen = (result: Seen) => result;

describe("everything that an operation asks of a host", () => {
  test("is asked in one round trip", async () => {
    const transport = new RecordingTransport([], { over: local });
    const probes = Object.fromEntries(
      Array.from({ length: 8 }, (_, at) => [`p${at}`, probe(sh`echo ${at}`, (result) => Number(result.stdout))]),
    );
    expect(await observe(transport, sh`:`, probes)).toEqual({ p0: 0, p1: 1, p2: 2, p3: 3, p4: 4, p5: 5, p6: 6, p7: 7 });
    expect(transport.counters.roundTrips).toBe(1);
  });

  test("is asked side by side", async () => {
    const began = performance.now();
    await observe(local, sh`:`, { a: probe(sh`sleep 0.5`, seen), b: probe(sh`sleep 0.5`, seen), c: probe(sh`sleep 0.5`, seen) });
    expect(performance.now() - began).toBeLessThan(1400);
  });

  test("is asked so many at a time, where that is said: a small server hasn't the memory for all", async () => {
    const count = sh`echo + >>"$tend_tmp"/running; sleep 0.3; wc -l <"$tend_tmp"/running`;
    const probes = Object.fromEntries(
      Array.from({ length: 7 }, (_, at) => [`p${at}`, probe(count, ({ stdout }) => Number(stdout))]),
    );
    const answers = Object.values(await observe(local, sh`export LC_ALL=C`, probes, { atOnce: 2 }));
    expect(answers).toHaveLength(7);
    expect(Math.min(...answers)).toBeLessThanOrEqual(2);
    const odd = { odd: probe(sh`printf 'it''s\n%s' "$LC_ALL"; cat; printf 'x' >&2; exit 7`, seen) };
    expect(await observe(local, sh`export LC_ALL=C`, odd, { atOnce: 2 })).toEqual({
      odd: { exit: 7, stdout: "its\nC", stderr: "x" },
    });
  });

  test("is answered with status and both streams, whatever is in them", async () => {
    const odd = sh`printf 'a\n\036out err exit\n\n'; printf 'no newline' >&2; exit 7`;
    const { odd: answer, empty } = await observe(local, sh`:`, { odd: probe(odd, seen), empty: probe(sh`:`, seen) });
    expect(answer).toEqual({ exit: 7, stdout: "a\n\u001eout err exit\n\n", stderr: "no newline" });
    expect(empty).toEqual({ exit: 0, stdout: "", stderr: "" });
  });

  test("starts with the same prelude, and keeps its folder and variables to itself", async () => {
    const answers = await observe(local, sh`said=before`, {
      one: probe(sh`cd /; said=changed; echo $said`, (result) => result.stdout),
      two: probe(sh`echo $said`, (result) => result.stdout),
      ends: probe(sh`exit 3`, (result) => result.exit),
      after: probe(sh`echo there`, (result) => result.stdout),
    });
    expect(answers).toEqual({ one: "changed\n", two: "before\n", ends: 3, after: "there\n" });
  });

  test("can't be forged by what a probe starts: the mark of an answer isn't in its environment", async () => {
    const probes = { environment: probe(sh`env`, (result) => result.stdout) };
    for (const options of [{}, { atOnce: 2 }]) {
      const { environment } = await observe(local, sh`:`, probes, options);
      expect(environment).not.toMatch(/^tend_mark=|[0-9a-f]{18}$/m);
    }
  });

  test("leaves nothing behind", async () => {
    const { before } = await observe(local, sh`:`, { before: probe(sh`ls -d "$tend_tmp"`, (result) => result.stdout.trim()) });
    expect((await local.run(sh`ls -d ${before} 2>/dev/null`)).stdout).toBe("");
  });

  test("isn't answered by a host whose shell ends: its words are told", async () => {
    await expect(observe(local, sh`echo 'no space left on device' >&2; exit 1`, { a: probe(sh`:`, seen) })).rejects.toThrow(
      "no space left",
    );
  });
});
