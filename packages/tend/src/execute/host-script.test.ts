import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Event } from "../journal/events.ts";
import { parseEvents } from "../journal/releases.ts";
import type { Host } from "../model/fleet.ts";
import type { Action, Guard, Step } from "../plan/plan.ts";
import { exec } from "../plan/print.ts";
import { box, planOf, r1, step, undo } from "../plan/testing.ts";
import { type Script, sh } from "../transport/argv.ts";
import { actionScript, runPaths, segmentScript, undoScript } from "./host-script.ts";

const SHELLS = [["sh"], ["dash"], ["bash"], ["busybox", "sh"]].filter(
  ([program = "", ...rest]) => spawnSync(program, [...rest, "-c", "true"]).status === 0,
);
const host: Host = { name: box, reach: { kind: "local" } };

let folder = "";
const file = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(file(name), "utf8");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tend-script-"));
  for (const name of [`runs/${r1}/out`, `runs/${r1}/guards`, "apps/web/lock"]) mkdirSync(file(name), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const paths = () => runPaths(folder, "web", r1);
const run = (name: string) => `runs/${r1}/${name}`;
const events = () => parseEvents(existsSync(file(run("events.jsonl"))) ? text(run("events.jsonl")) : "");
/** `start:a end:a:done segment:0`: what happened, in few words. */
const story = () => events().map(word).join(" ");

function word(event: Event): string {
  if (event.type === "step.start") return `start:${event.step}`;
  if (event.type === "step.end") return `end:${event.step}:${event.result}`;
  return event.type === "segment.end" ? `segment:${event.exit}` : event.type;
}

function play(script: Script, [program = "sh", ...rest]: readonly string[] = ["sh"]): number {
  writeFileSync(file("script"), script.text);
  return spawnSync(program, [...rest, file("script")], { stdio: "ignore", cwd: "/" }).status ?? 1;
}

const segment = (steps: readonly Step[], number = 1) => segmentScript(planOf(steps), host, paths(), number, steps);
const note = (line: string) => sh`echo ${line} >>${file("notes")}`;
const notes = () => (existsSync(file("notes")) ? text("notes").split("\n").filter(Boolean) : []);
const guard = (id: string, check: Script): Guard => ({ id, text: id, otherwise: `not ${id}`, check });

describe.each(SHELLS.map((shell) => [shell.join(" "), shell] as const))("a part of a plan, run by %s", (_, shell) => {
  test("tells of every step before and after it", () => {
    expect(play(segment([step("one", note("1")), step("two", note("2"))]), shell)).toBe(0);
    expect(story()).toBe("start:one end:one:done start:two end:two:done segment:0");
    expect(notes()).toEqual(["1", "2"]);
    // busybox brings a `date` of its own, which has no milliseconds; hosts have that of coreutils.
    for (const event of events()) expect(event.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{3}|%3N)Z$/);
  });

  test("keeps what a step prints, on both streams", () => {
    play(segment([step("one", sh`echo out; echo err >&2`)]), shell);
    expect(text(run("out/one"))).toBe("out\nerr\n");
  });

  test("stops at the first failure, with its exit status", () => {
    expect(play(segment([step("one", sh`exit 42`), step("two", note("2"))]), shell)).toBe(42);
    expect(story()).toBe("start:one end:one:failed segment:42");
    expect(events()[1]).toMatchObject({ exit: 42 });
    expect(notes()).toEqual([]);
  });

  test("stops at the first command of a step that fails", () => {
    const three = step("one", sh`:`, { action: exec([note("1"), sh`false`, note("2")]) });
    expect(play(segment([three]), shell)).toBe(1);
    expect(notes()).toEqual(["1"]);
  });

  test("keeps the steps apart: folder, variables, exit and input are each one's own", () => {
    const steps = [
      step("one", sh`cd /tmp; left=over; set -e; cat`),
      step("two", sh`pwd -P; [ -n "$left" ] || echo clean; false; echo on`),
    ];
    play(segment(steps), shell);
    expect(text(run("out/two"))).toBe(`${file(`runs/${r1}`)}\nclean\non\n`);
  });

  test("asks a guard once, when its first step's turn has come", () => {
    const changed = guard("changed", sh`${note("asked")}; [ -f ${file("built")} ]`);
    const steps = [
      step("build", sh`: >${file("built")}`),
      step("swap", note("swap"), { guard: changed }),
      step("unbuild", sh`rm ${file("built")}`),
      step("gate", note("gate"), { guard: changed }),
    ];
    expect(play(segment(steps), shell)).toBe(0);
    expect(notes()).toEqual(["asked", "swap", "gate"]);
  });

  test("leaves out the steps whose guard doesn't hold, and says so", () => {
    const never = guard("never", sh`exit 1`);
    expect(play(segment([step("one", note("1"), { guard: never }), step("two", note("2"))]), shell)).toBe(0);
    expect(story()).toBe("end:one:skipped start:two end:two:done segment:0");
    expect(notes()).toEqual(["2"]);
  });

  test("goes by a guard's answer of an earlier part", () => {
    const changed = guard("changed", note("asked"));
    play(segment([step("one", note("1"), { guard: changed })], 1), shell);
    play(segment([step("two", note("2"), { guard: changed })], 2), shell);
    expect(notes()).toEqual(["asked", "1", "2"]);
  });

  test("stops before the next step when it is asked to", () => {
    expect(play(segment([step("one", sh`: >stop`), step("two", note("2"))]), shell)).toBe(130);
    expect(story()).toBe("start:one end:one:done segment:130");
  });

  test("is known by its process as long as it runs, and gives signs of life", () => {
    rmSync(file("apps/web/lock/lease"), { force: true });
    play(
      segment([step("one", sh`sleep 0.3; read -r pid part <pid && kill -0 "$pid" && [ "$part" = 1 ] && cp pid ${file("seen")}`)]),
      shell,
    );
    expect(text("seen")).toMatch(/^\d+ 1\n$/);
    expect(existsSync(file(run("pid")))).toBe(false);
    expect(existsSync(file("apps/web/lock/lease"))).toBe(true);
  });

  test("takes back everything that it is told to, whatever fails on the way", () => {
    const back = [undo("three", note("3")), undo("two", sh`exit 7`), undo("one", note("1"))];
    expect(play(undoScript(planOf([]), host, paths(), 2, back), shell)).toBe(1);
    expect(story()).toBe("start:undo-1 end:undo-1:done start:undo-2 end:undo-2:failed start:undo-3 end:undo-3:done segment:1");
    expect(notes()).toEqual(["3", "1"]);
  });
});

describe.each(SHELLS.map((shell) => [shell.join(" "), shell] as const))("an action, run by %s", (_, shell) => {
  const act = (action: Action) => play(actionScript(action), shell);

  describe("that writes a file", () => {
    test.each([
      ["nothing", ""],
      ["quotes, dollars and backslashes", `'"$HOME" \`id\` \\n \\\\ %s\n`],
      ["no newline at its end", "services: {}"],
      ["many at its end", "services: {}\n\n\n"],
      ["a here-document's end", "EOF\nTEND_SEGMENT\n"],
      ["a dash first", "-n -e\n"],
      ["every script", "räksmörgås 漢字 \u{1f600}\n"],
    ])("puts it there with its mode: %s", (_, content) => {
      const path = file("a file's name.yaml");
      expect(act({ kind: "write", path, content, mode: "640" })).toBe(0);
      expect([readFileSync(path, "utf8"), statSync(path).mode & 0o777]).toEqual([content, 0o640]);
      expect(existsSync(`${path}.new`)).toBe(false);
    });

    test("fails where it can't, and leaves what was there", () => {
      expect(act({ kind: "write", path: file("no/such/folder"), content: "x", mode: "600" })).not.toBe(0);
    });
  });

  describe("that sets variables of an env file", () => {
    const set = (values: Record<string, string>) => act({ kind: "set", path: file(".env"), values, backup: file("before") });

    test("keeps the other lines, as they are and where they are", () => {
      writeFileSync(file(".env"), "# a comment\n\nTAG=old\nTAG_OTHER=stays\n  indented\\n='$x'\nexport LAST=1");
      expect(set({ TAG: "3f2a91c" })).toBe(0);
      expect(text(".env")).toBe("# a comment\n\nTAG=3f2a91c\nTAG_OTHER=stays\n  indented\\n='$x'\nexport LAST=1\n");
    });

    test("keeps its mode, its place and a copy of what it was", () => {
      writeFileSync(file(".env"), "TAG=old\n");
      chmodSync(file(".env"), 0o644);
      const { ino } = statSync(file(".env"));
      set({ TAG: "new" });
      expect(statSync(file(".env"))).toMatchObject({ ino, mode: expect.toSatisfy((mode: number) => (mode & 0o777) === 0o644) });
      expect(text("before")).toBe("TAG=old\n");
      expect(statSync(file("before")).mode & 0o077).toBe(0);
    });

    test("makes the file where there is none, for its owner alone", () => {
      expect(set({ TAG: "new" })).toBe(0);
      expect([
        text(".env"),
        statSync(file(".env")).mode & 0o777,
        existsSync(file("before")),
        existsSync(file("before.none")),
      ]).toEqual(["TAG=new\n", 0o600, false, true]);
    });

    test("changes nothing where no copy of the file can be kept", () => {
      writeFileSync(file(".env"), "TAG=old\n");
      const nowhere = { kind: "set", path: file(".env"), values: { TAG: "new" }, backup: file("no/such/before") } as const;
      expect(act(nowhere)).not.toBe(0);
      expect(text(".env")).toBe("TAG=old\n");
    });

    test("keeps the first copy when it is done again after a crash", () => {
      writeFileSync(file(".env"), "TAG=old\n");
      set({ TAG: "new" });
      writeFileSync(file(".env"), "half of it");
      set({ TAG: "new" });
      expect(text("before")).toBe("TAG=old\n");
    });

    test("does all of several, and none twice", () => {
      writeFileSync(file(".env"), "A=1\nB=1\nA=2\n");
      set({ A: "3", B: "4" });
      set({ A: "3", B: "4" });
      expect(text(".env")).toBe("A=3\nB=4\n");
    });
  });

  describe("that waits", () => {
    const wait = (check: Script, deadline = 5) =>
      act({ kind: "wait", until: "it is so", check, deadline, explain: note("explained") });

    test("goes on as soon as it is so", () => {
      expect(wait(sh`[ -f ${file("now")} ] || { : >${file("now")}; exit 1; }`)).toBe(0);
      expect(notes()).toEqual([]);
    });

    test("gives up at once when it never will be, and explains", () => {
      const began = Date.now();
      expect(wait(sh`exit 2`, 60)).toBe(1);
      expect(Date.now() - began).toBeLessThan(2000);
      expect(notes()).toEqual(["explained"]);
    });

    test("gives up at the deadline, and explains", () => {
      expect(wait(sh`exit 1`, 1)).toBe(1);
      expect(notes()).toEqual(["explained"]);
    });
  });
});

test("whatever an env file holds, setting a variable changes that variable's lines alone", () => {
  const names = ["A", "AB", "A_B", "B", "TAG"];
  const line = fc.oneof(
    fc.tuple(fc.constantFrom(...names), fc.stringMatching(/^[ -~]{0,12}$/)).map(([name, value]) => `${name}=${value}`),
    fc.stringMatching(/^[ -~\t]{0,20}$/),
  );
  const values = fc.dictionary(fc.constantFrom(...names), fc.stringMatching(/^[A-Za-z0-9._-]{1,10}$/), {
    minKeys: 1,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), values, (lines, endsOpen, wanted) => {
      writeFileSync(
        file(".env"),
        lines
          .map((one) => `${one}\n`)
          .join("")
          .slice(0, endsOpen ? -1 : undefined),
      );
      play(actionScript({ kind: "set", path: file(".env"), values: wanted, backup: file("before") }));
      const given = endsOpen && lines.at(-1) === "" ? lines.slice(0, -1) : lines;
      const name = (one: string) => Object.keys(wanted).find((key) => one.startsWith(`${key}=`));
      const known = new Set(given.map(name));
      const expected = [
        ...given.flatMap((one, at) => {
          const key = name(one);
          if (key === undefined) return [one];
          return given.findIndex((other) => name(other) === key) === at ? [`${key}=${wanted[key]}`] : [];
        }),
        ...Object.keys(wanted).flatMap((key) => (known.has(key) ? [] : [`${key}=${wanted[key]}`])),
      ];
      expect(text(".env").split("\n").slice(0, -1)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("a part leaves nothing in its folder but what a run is known by", () => {
  play(segment([step("one")]));
  expect(readdirSync(file(`runs/${r1}`)).sort()).toEqual(["events.jsonl", "guards", "out"]);
});
