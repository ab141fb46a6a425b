import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { problemsOf } from "./testing.ts";

/**
 * `golden/mistakes.txt` has declarations and, after `>>>`, exactly what a person sees of each.
 * `vitest -u` writes the second half anew.
 */
const FILE = join(import.meta.dirname, "golden/mistakes.txt");

const cases = readFileSync(FILE, "utf8")
  .split(/^=== /m)
  .filter((block) => block !== "")
  .map((block) => {
    const [, name = "", declaration = ""] = /^(.*)\n((?:.|\n)*?)^>>>$/m.exec(block) ?? [];
    return { name, declaration };
  });

describe("a mistake in the declaration", () => {
  test("is shown with its line, its place and what was meant", async () => {
    const shown = cases.map(({ name, declaration }) => `=== ${name}\n${declaration}>>>\n${problemsOf(declaration).text}\n`);
    await expect(shown.join("")).toMatchFileSnapshot(FILE);
  });

  test.each(cases)("$name: never a stack trace", ({ declaration }) => {
    const { problems, text } = problemsOf(declaration);
    expect(problems.length).toBeGreaterThan(0);
    expect(text).not.toMatch(/\.ts:|at Object/);
  });
});
