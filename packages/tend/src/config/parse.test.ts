import { describe, expect, test } from "vitest";
import { parseFleet } from "./parse-fleet.ts";
import { problemsOf } from "./testing.ts";

const titles = (text: string) => problemsOf(text).problems.map(({ title }) => title);
const valid = "fleet: home\nhosts: { here: local }\n";

describe("what is not a declaration is said to be none", () => {
  test.each([
    ["a NUL", "fleet: home\0\n", "the control character 00 in the declaration"],
    ["an escape sequence", "fleet: \u001b[2J\n", "the control character 1b in the declaration"],
    ["bytes of another encoding", "fleet: h\ufffdm\n", "a byte that is not UTF-8 in the declaration"],
    ["blanks", "  \n\n", "the declaration is empty"],
    ["a comment", "# nothing\n", "the declaration is empty"],
    ["one word", "hello", 'the declaration can\'t be "hello"'],
  ])("%s", (_, text, title) => {
    expect(titles(text)).toEqual([title]);
  });
});

const many = (count: number, entry: (at: number) => string) => Array.from({ length: count }, (_, at) => entry(at)).join(", ");

describe("what is made to exhaust the machine ends soon", () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
  for (const [name, of] of ["ba", "cb", "dc", "ed", "fe", "gf", "hg"]) bomb.push(`${name}: &${name} [${`*${of}, `.repeat(10)}]`);

  test.each([
    ["10 MB", valid + "# padding\n".repeat(1_000_000)],
    ["an alias bomb", bomb.join("\n")],
    ["an alias that contains itself", "fleet: home\nhosts: &a { b: &b { c: *a, d: *b } }\n"],
    ["deep lists", "[".repeat(100_000)],
    ["deep maps", `${"{a: ".repeat(1000)}1${"}".repeat(1000)}`],
    ["50,000 unknown keys", Array.from({ length: 50_000 }, (_, at) => `key${at}: ${at}`).join("\n")],
    ["one key 50,000 times", "fleet: home\n".repeat(50_000)],
    ["50,000 quotes", '"'.repeat(50_000)],
    [
      "900 environments",
      `${valid}apps: { web: { host: here, path: ., environments: {${many(900, (at) => `e${at}: { path: p${at} }`)}} } }`,
    ],
    ["50,000 unknown keys on one line", `{${many(50_000, (at) => `key${at}: ${at}`)}}`],
    [
      "900 apps on unknown hosts",
      `fleet: x\nhosts: {${many(900, (at) => `host${at}: local`)}}\napps: {${many(900, (at) => `a${at}: { host: hots${at}, path: ., x: 1 }`)}}`,
    ],
    ["10,000 aliases", `${valid}apps: { web: { host: here, path: ., compose: [&a x, ${"*a, ".repeat(10_000)}] } }, more: 1`],
  ])("%s", (_, text) => {
    expect(problemsOf(text).text.length).toBeLessThan(20_000);
  });
});

test("a byte order mark, CRLF and comments are nothing special", () => {
  const { name, hosts } = parseFleet(`\ufeff${valid.replaceAll("\n", "\r\n")}# the end`, "/tend.yaml");
  expect([name, [...hosts.keys()]]).toEqual(["home", ["here"]]);
  const [problem] = problemsOf("\ufefffleet: home\r\nhosts: { here: locl }\r\n").problems;
  expect(problem).toMatchObject({ line: 2, column: 16, source: "hosts: { here: locl }" });
});

test("an alias stands for what its anchor has", () => {
  const text = `${valid}apps:\n  one: { host: here, path: one, env: &env { A: "1" } }\n  two: { host: here, path: two, env: *env }\n`;
  expect([...parseFleet(text, "/tend.yaml").apps.values()].map(({ env }) => env)).toEqual([{ A: "1" }, { A: "1" }]);
});

test("duplicate keys don't hide other mistakes", () => {
  expect(titles("fleet: home\nhosts: { here: locl }\nfleet: work\n")).toEqual([
    'here can\'t be "locl" in hosts',
    'duplicate key "fleet"',
  ]);
});

test("a mistake in one key doesn't hide a wrong reference beside it", () => {
  const text = `${valid}apps:\n  web: { host: hree, path: ., project: 1, srvices: [] }\n`;
  expect(titles(text)).toEqual([
    'unknown host "hree" in apps.web',
    "project can't be 1 in apps.web",
    'unknown key "srvices" in apps.web',
  ]);
});
