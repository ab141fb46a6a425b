import { describe, expect, test } from "vitest";
import { LONG, parseDuration } from "./duration.ts";
import { nearest, suggestion } from "./nearest.ts";
import { splitWords } from "./words.ts";

describe("a command line is split as a shell would", () => {
  test.each([
    ["node src/main.ts", ["node", "src/main.ts"]],
    ["a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]],
    ["a '' b", ["a", "", "b"]],
    ["sh -c 'a && b | c'", ["sh", "-c", "a && b | c"]],
    ["echo $HOME *.ts", ["echo", "$HOME", "*.ts"]],
  ])("%s", (line, words) => {
    expect(splitWords(line)).toEqual({ words });
  });

  test.each([["a 'b"], ['a "b'], ["a \\"], [""], ["   "], ["'' x"], ["a && b"], ["a > b"], ["a | b"]])("but not %j", (line) => {
    expect(splitWords(line)).toHaveProperty("expected");
  });
});

describe("a duration", () => {
  test.each([
    [90, 90],
    ["90", 90],
    ["90s", 90],
    ["2m", 120],
    ["1m30s", 90],
    ["1h", 3600],
    ["500ms", 0.5],
    ["1.5m", 90],
    [0, 0],
  ])("%j is %d seconds", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each([[""], ["s"], ["-1"], [-1], ["1d"], ["1 m"], ["1m x"], ["25h"], [Number.NaN], [1e9], ["9".repeat(400)]])(
    "%j is none",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe("a long duration", () => {
  test.each([
    ["26h", 93_600],
    ["2d", 172_800],
    ["1d12h", 129_600],
    ["60d", 5_184_000],
    [3600, 3600],
  ])("%j is %d seconds", (text, seconds) => {
    expect(parseDuration(text, LONG)).toBe(seconds);
  });

  test.each([["61d"], ["d"], ["1w"], ["1 d"], [-1]])("%j is none", (text) => {
    expect(parseDuration(text, LONG)).toBeUndefined();
  });
});

describe("the nearest word", () => {
  test.each([
    ["databses", ["databases", "backups"], "databases"],
    ["hots", ["host", "path"], "host"],
    ["Host", ["host"], "host"],
    ["env-file", ["env", "env_file"], "env_file"],
    ["gti", ["git", "image"], "git"],
  ])("%s", (word, candidates, expected) => {
    expect(nearest(word, candidates)).toBe(expected);
  });

  test("nothing is guessed when nothing is near", () => {
    expect(nearest("zzz", ["host", "path"])).toBeUndefined();
    expect(suggestion("zzz", ["host", "path", "env"])).toBe("expected host, path or env");
  });
});
