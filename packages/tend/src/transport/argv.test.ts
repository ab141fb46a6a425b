import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { command, lines, quote, quoteAll, remotePath, sh } from "./argv.ts";

// That every word survives every shell is a contract of its own: test/contracts/shells.test.ts.
describe("a word", () => {
  it.each([
    ["plain", "plain"],
    ["a/b.c:d@e%f+g,h-i_j", "a/b.c:d@e%f+g,h-i_j"],
    ["", "''"],
    ["two words", "'two words'"],
    ["it's", `'it'\\''s'`],
    ["$HOME", "'$HOME'"],
    ["~", "'~'"],
    ["line\nline", "'line\nline'"],
    ["--option=value", "--option=value"],
    ["=value", "'=value'"],
  ])("%j is written %s", (word, written) => {
    expect(quote(word)).toBe(written);
  });

  it("can't carry a NUL", () => {
    expect(() => quote("a\0b")).toThrow("NUL");
  });

  it("stands beside others", () => {
    expect(quoteAll(["docker", "ps", "--filter", "name=a b"])).toBe("docker ps --filter 'name=a b'");
  });
});

describe("a script", () => {
  it("quotes all that is put into it, but what is shell already", () => {
    const rest = sh`&& ls ${["a b", "c"]}`;
    expect(sh`cd ${"/my apps"} ${rest} | head -n ${3} ${undefined}`.text).toBe("cd '/my apps' && ls 'a b' c | head -n 3 ");
  });

  it("keeps backslashes as they are written", () => {
    expect(sh`printf 'a\n'`.text).toBe("printf 'a\\n'");
  });

  it("is made of lines", () => {
    expect(lines([sh`cd ${"/a b"}`, sh`ls`]).text).toBe("cd '/a b'\nls");
  });

  it("is a command with an environment of its own", () => {
    expect(command(["ls", "-l"]).text).toBe("ls -l");
    expect(command(["printenv", "A"], { A: "1 2", B: "it's" }).text).toBe(`env 'A=1 2' 'B=it'\\''s' printenv A`);
    expect(run(command(["printenv", "B"], { B: "it's $HOME" }).text)).toBe("it's $HOME\n");
  });

  it("finds a path below the home of whoever runs it", () => {
    const echo = (path: string) => run(sh`printf %s ${remotePath(path)}`.text);
    expect(echo("~")).toBe("/home/ada b");
    expect(echo("~/apps/my app")).toBe("/home/ada b/apps/my app");
    expect(echo("/srv/~/app")).toBe("/srv/~/app");
    expect(echo("~root/app")).toBe("~root/app");
  });
});

function run(script: string): string {
  return execFileSync("sh", ["-c", script], { encoding: "utf8", env: { ...process.env, HOME: "/home/ada b" } });
}
