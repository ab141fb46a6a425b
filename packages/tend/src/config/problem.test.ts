import { expect, test } from "vitest";
import { formatProblem, formatProblems, type Problem, quoted } from "./problem.ts";

const problem: Problem = {
  file: "tend.yaml",
  line: 14,
  column: 7,
  length: 8,
  title: 'unknown key "databses" in apps.skriptoteket',
  hint: 'did you mean "databases"?',
  source: "      databses:",
};

test("a problem shows the line, underlines the place and says what was meant", () => {
  expect(formatProblem(problem)).toBe(
    [
      'tend.yaml:14:7  error[config]: unknown key "databses" in apps.skriptoteket',
      "   14 |       databses:",
      '      |       ^^^^^^^^ did you mean "databases"?',
    ].join("\n"),
  );
});

test("a long line is cut around the place", () => {
  const source = `${"a".repeat(300)}HERE${"b".repeat(300)}`;
  const [, line = "", caret = ""] = formatProblem({ ...problem, source, column: 301, length: 4, hint: undefined }).split("\n");
  expect(line.length).toBeLessThan(130);
  expect(line.slice(caret.indexOf("^"), caret.indexOf("^") + 4)).toBe("HERE");
});

test("a tab takes one column, as the caret does", () => {
  const [, line = "", caret = ""] = formatProblem({ ...problem, source: "\t\tx: 1", column: 3, length: 1 }).split("\n");
  expect(line[caret.indexOf("^")]).toBe("x");
});

test("nothing in a file can steer the terminal or reorder what is read", () => {
  const text = formatProblem({ ...problem, title: `unknown key ${quoted("\u001b[2Jx\u202ey")}`, source: "\u001b[31mred\u202e" });
  for (const steering of ["\u001b", "\u202e"]) expect(text).not.toContain(steering);
});

test("a password in an address is hidden, and the caret stays in place", () => {
  const source = "  url: http://me:secret@proxy/";
  const text = formatProblem({ ...problem, source, column: 8, length: 23, title: `url can't be ${quoted(source.slice(7))}` });
  expect(text).not.toContain("secret");
  expect(text).toContain("http://*********@proxy/");
});

test.each([
  ["an age identity", "  encrypt: AGE-SECRET-KEY-1QQQS, x", "  encrypt: AGE-SECRET-KEY-*****, x"],
  ["one of another kind", "age-plugin-yubikey-1qqqs", "age-plugin-*************"],
  ["a login with slashes", 's3://AKIA:wJa/lr+U@bucket/x, "y@z"', 's3://*************@bucket/x, "y@z"'],
  ["a login before a bucket", "{ s3: AKIA:wJa/lr@bucket }", "{ s3: ***********@bucket }"],
  ["a key of a store", '{ "secret_access_key": "wJa/lr+U", x: 1 }', '{ "secret_access_key": "********", x: 1 }'],
])("%s is hidden wherever it stands", (_, source, shown) => {
  expect(formatProblem({ ...problem, source }).split("\n")[1]).toBe(`   14 | ${shown}`);
});

test("looking for secrets doesn't take long", () => {
  for (const text of ["://", "s3: ", "secret_key=", "AGE-PLUGIN-", " ", "@"]) {
    const started = performance.now();
    formatProblem({ ...problem, source: text.repeat(300_000) });
    expect(performance.now() - started).toBeLessThan(2000);
  }
});

test("twenty are shown and the rest counted", () => {
  const many = Array.from({ length: 23 }, (_, at) => ({ ...problem, line: at + 1 }));
  const shown = formatProblems(many);
  expect(shown.match(/error\[config\]/g)).toHaveLength(20);
  expect(shown.endsWith("… and 3 more")).toBe(true);
});
