import { spawn, spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sh } from "../../packages/tend/src/transport/argv.ts";
import { SH_FROM_STDIN, scriptLine, shWithArgument } from "../../packages/tend/src/transport/foreign.ts";
import { Shell } from "../../packages/tend/src/transport/shell.ts";
import { STRANGE } from "./scripts.ts";
import { type Call, LOGIN_SHELLS, POSIX_SHELLS } from "./shells.ts";

const name = (call: Call) => call.join(" ");

/** Any text but NUL, which no argument can carry; the characters that shells care for come often. */
const word = fc.string({
  maxLength: 24,
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...`'"\\$\`!#*?[]{}()<>|&;~=%^-+ \t\r\n`) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCodePoint(code)) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter((character) => character !== "\0") },
  ),
});

/** All code points that UTF-8 can carry, so that every byte occurs that it has. */
function everyCodePoint(): string[] {
  const words: string[] = [];
  for (let start = 0; start < 0x110000; start += 128) {
    if (start >= 0xd800 && start < 0xe000) continue; // halves of surrogate pairs are no text
    words.push(String.fromCodePoint(...Array.from({ length: 128 }, (_, offset) => start + offset || 1)));
  }
  return words;
}

describe.each(POSIX_SHELLS.map((call) => ({ call, shell: name(call) })))(
  "words in $shell",
  { timeout: 60_000 },
  ({ call: [program, ...options] }) => {
    function roundTrip(words: readonly string[]): string[] {
      const { stdout } = spawnSync(program, options, { input: sh`printf '%s\0' ${words}`.text, maxBuffer: 1e9 });
      return stdout.toString().split("\0").slice(0, -1);
    }

    it("are what they were: 40,000 of them", () => {
      const batch = fc.array(word, { minLength: 2000, maxLength: 2000, size: "max" });
      fc.assert(
        fc.property(batch, (words) => {
          const back = roundTrip(words);
          const wrong = words.findIndex((one, at) => one !== back[at]);
          expect({ wrong: words[wrong], count: back.length }).toEqual({ wrong: undefined, count: words.length });
        }),
        { numRuns: 20, endOnFailure: true },
      );
    });

    it("are what they were with every code point", () => {
      const words = everyCodePoint();
      expect(roundTrip(words)).toEqual(words);
    });
  },
);

describe.each(POSIX_SHELLS.map((call) => ({ call, shell: name(call) })))(
  "a persistent $shell",
  ({ call: [program, ...options] }) => {
    it("keeps scripts apart, and passes input and words on as they are", async () => {
      const shell = new Shell(spawn(program, options));
      const spoiling = [
        sh`echo 'open`,
        sh`echo "open`,
        sh`cat <<END${"\n"}`,
        sh`if then fi`,
        sh`echo ) ; echo`,
        sh`exit 7`,
        sh`cd /; trap 'echo bye' EXIT; set -eu; false`,
        sh`exec >&- 2>&-`,
        sh`cat`,
      ];
      for (const script of spoiling) {
        await shell.ask(script);
        expect(await shell.ask(sh`echo next; echo error >&2; exit 5`)).toEqual({ exit: 5, stdout: "next\n", stderr: "error\n" });
      }
      const input = STRANGE.join("\0");
      expect((await shell.ask(sh`cat`, input)).stdout).toBe(input);
      expect((await shell.ask(sh`printf '%s\0' ${STRANGE}`)).stdout).toBe(STRANGE.map((one) => `${one}\0`).join(""));
      shell.child.stdin.end();
      await shell.gone;
    });
  },
);

describe.each(LOGIN_SHELLS.map((call) => ({ call, shell: name(call) })))(
  "behind the login shell $shell",
  { timeout: 60_000 },
  ({ call }) => {
    const [program, ...options] = call;
    const login = (line: string, input: string) => {
      const { status, stdout, stderr } = spawnSync(program, [...options, "-c", line], { input });
      return { exit: status, stdout: stdout.toString(), stderr: stderr.toString() };
    };
    const words = sh`printf '%s\0' ${STRANGE}`;
    const answer = STRANGE.map((one) => `${one}\0`).join("");

    it("a script comes through stdin, and leaves what follows it to be read", () => {
      const ended = login(SH_FROM_STDIN, `${scriptLine(sh`${words}; cat; exit 3`)}rest`);
      expect(ended).toMatchObject({ exit: 3, stdout: `${answer}rest`, stderr: expect.stringMatching(/^tend-group \d+\n$/) });
    });

    it("a script comes through with 2,000 words of any kind", () => {
      const batch = fc.array(word, { minLength: 2000, maxLength: 2000, size: "max" });
      fc.assert(
        fc.property(batch, (any) => {
          const { stdout } = login(SH_FROM_STDIN, scriptLine(sh`printf '%s\0' ${any}`));
          expect(stdout === any.map((one) => `${one}\0`).join("")).toBe(true);
        }),
        { numRuns: 3, endOnFailure: true },
      );
    });

    it("a script comes as an argument", () => {
      expect(login(shWithArgument(sh`${words}; cat; exit 3`), "rest")).toEqual({ exit: 3, stdout: `${answer}rest`, stderr: "" });
    });

    it("a script that was cut off isn't run", () => {
      expect(login(SH_FROM_STDIN, scriptLine(sh`echo half; echo whole`).slice(0, 9)).stdout).toBe("");
    });
  },
);
