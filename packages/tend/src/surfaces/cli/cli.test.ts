import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../operations/index.ts";

/** tend as a person has it: a process of its own, in a folder with a declaration. */
const MAIN = join(import.meta.dirname, "../../../bin/tend.js");
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tend-cli-"));
  writeFileSync(
    join(folder, "tend.yaml"),
    `fleet: home
hosts: { here: local, gone: { ssh: gone } }
apps:
  web:
    host: here
    path: ${folder}/app
    compose: compose.yaml
    services: { page: { role: worker }, jobs: { role: worker } }
    environments: { dev: { path: ${folder}/dev } }
  far: { host: gone, path: ~/far }
`,
  );
  writeFileSync(join(folder, "wrong.yaml"), "fleet: home\nhosts: { here: local }\napps:\n  web:\n    hots: here\n    path: .\n");
  mkdirSync(join(folder, "below/it"), { recursive: true });
  const nobody = createServer();
  const port = await new Promise<number>((resolve) =>
    nobody.listen(0, "127.0.0.1", () => resolve((nobody.address() as { port: number }).port)),
  );
  nobody.close();
  writeFileSync(join(folder, "ssh_config"), `Host gone\n  HostName 127.0.0.1\n  Port ${port}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

function tend(args: readonly string[], more: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Said> {
  return run([process.execPath, MAIN, ...args], more);
}

function run(
  [program, ...args]: readonly string[],
  { cwd = folder, env = {} }: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const clean = { PATH: process.env["PATH"], HOME: folder, TEND_SSH_CONFIG: join(folder, "ssh_config"), ...env };
    const child = spawn(program as string, args, { cwd, env: clean, stdio: ["ignore", "pipe", "pipe"] });
    const said = { out: "", err: "" };
    child.stdout.on("data", (chunk) => {
      said.out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      said.err += chunk;
    });
    child.on("error", reject);
    child.on("close", (exit) => resolve({ exit, ...said }));
  });
}

const json = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe.concurrent("help", () => {
  test("lists every verb with what it does", async () => {
    const { exit, out } = await tend(["--help"]);
    expect(exit).toBe(0);
    for (const { name } of operations) expect(out).toMatch(new RegExp(`^  ${name.split(" ")[0]}\\b`, "m"));
  });

  test.each(operations.map((entry) => entry.name))("of %s has its examples", async (name) => {
    const { exit, out } = await tend([...name.split(" "), "--help"]);
    expect(exit).toBe(0);
    expect(out).toMatch(new RegExp(`^Usage: tend ${name} `));
    expect(out).toContain("\nExamples:\n  tend ");
  });

  test("is what one gets who says nothing, and a mistake for a script", async () => {
    const { exit, out, err } = await tend([]);
    expect([exit, out, err.split("\n")[0]]).toEqual([2, "", "Usage: tend [options] [command]"]);
  });

  test("names the version", async () => {
    expect(await tend(["--version"])).toMatchObject({ exit: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});

describe.concurrent("a command line that can't be meant ends with 2, and says what was expected", () => {
  test.each<[string, string]>([
    ["deplyo web", "Did you mean deploy?"],
    ["deploy web --nope", "unknown option '--nope'"],
    ["deploy", "missing required argument 'app'"],
    ["deploy wbe", 'did you mean "web"?'],
    ["deploy Web", "expected lower-case letters"],
    ["deploy web --tag a/b", `"a/b" can't be an image tag`],
    ["deploy web --ref -x", `"-x" can't be a git ref`],
    ["deploy web --ref a --tag b", "--ref and --tag exclude each other"],
    ["releases web -n x", `"x" is no number`],
    ["journal web x!", "is no run's id"],
    ["logs web --since yesterday", "expected a duration such as 15m"],
    ["logs web --grep (", "--grep:"],
    ["completion powershell", "bash|zsh|fish"],
    ["check -e prod", 'the environment "prod"'],
    ["-f nope.yaml check", "it does not exist"],
  ])("tend %s", async (line, said) => {
    const { exit, out, err } = await tend(line.split(" "));
    expect(err).toContain(said);
    expect([exit, out]).toEqual([2, ""]);
    expect(err).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });

  test("as JSON, too, where JSON is asked for", async () => {
    for (const line of ["deploy nope --json", "--json deploy web --nope", "deploy --json"]) {
      const { exit, out } = await tend(line.split(" "));
      expect([exit, json(out)]).toEqual([
        2,
        [{ v: 1, type: "result", exit: 2, failures: [expect.objectContaining({ id: "usage", exit: "usage" })] }],
      ]);
    }
  });
});

describe.concurrent("a declaration", () => {
  test("that is wrong is shown with the place of the mistake, and never with a stack", async () => {
    const { exit, out, err } = await tend(["-f", "wrong.yaml", "status"]);
    expect([exit, out]).toEqual([2, ""]);
    expect(err).toMatch(/^wrong\.yaml:5:5 {2}error\[config\]: unknown key "hots"/m);
    expect(err).toMatch(/\^+ did you mean "host"\?/);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test("that is wrong is told a script as well", async () => {
    const { exit, out } = await tend(["-f", "wrong.yaml", "check", "--json"]);
    expect(exit).toBe(2);
    expect(json(out)).toEqual([{ v: 1, type: "result", exit: 2, failures: [expect.objectContaining({ id: "config" })] }]);
  });

  test("is found from a folder below it", async () => {
    expect(await tend(["check"], { cwd: join(folder, "below/it") })).toMatchObject({
      exit: 0,
      out: expect.stringContaining("the declaration is right"),
    });
  });

  test("can be checked without reaching any host", async () => {
    expect(json((await tend(["check", "--json"])).out)).toEqual([
      { v: 1, type: "check", file: join(folder, "tend.yaml"), apps: ["web", "far"], findings: [] },
    ]);
  });

  test("that isn't there: how to begin is said", async () => {
    const { exit, err } = await tend(["status"], { cwd: "/" });
    expect([exit, err]).toEqual([2, expect.stringContaining("fleet: home")]);
  });
});

describe.concurrent("a host that can't be reached", () => {
  test("ends with 7", async () => {
    const { exit, err, out } = await tend(["releases", "far"]);
    expect(exit).toBe(7);
    expect(err + out).toContain("host.unreachable");
  });

  test("keeps nobody from seeing the others", async () => {
    const { exit, out } = await tend(["status"]);
    expect(exit).toBe(7);
    expect(out).toMatch(/^ {2}gone +✖/m);
    expect(out).toMatch(/^ {4}web /m);
  });
});

describe.concurrent("output", () => {
  test("has no colours in a pipe, and has them where they are asked for", async () => {
    const escape = "\u001b[";
    expect((await tend(["deploy", "nope"])).err).not.toContain(escape);
    expect((await tend(["deploy", "nope"], { env: { FORCE_COLOR: "1" } })).err).toContain(escape);
    expect((await tend(["deploy", "nope"], { env: { NO_COLOR: "1" } })).err).not.toContain(escape);
  });

  test("into a pipe whose reader has gone is no error", async () => {
    const { exit, err } = await run(["bash", "-c", `set -o pipefail; "$0" "$1" --help | head -n 1`, process.execPath, MAIN]);
    expect([exit, err]).toEqual([0, ""]);
  });
});

describe.concurrent("completion", () => {
  const offers = async (...words: string[]) =>
    (await tend(["complete", "--", ...words])).out
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("\t")[0]);

  test("offers verbs, apps, services and flags where each belongs", async () => {
    expect(await offers("de")).toEqual(["deploy"]);
    expect(await offers("deploy", "")).toEqual(["web", "far"]);
    expect(await offers("deploy", "w")).toEqual(["web"]);
    expect(await offers("deploy", "web", "--only", "")).toEqual(["page", "jobs"]);
    expect(await offers("deploy", "web", "--f")).toEqual(expect.arrayContaining(["--force-recreate"]));
    expect(await offers("status", "--")).not.toContain("--dry-run");
    expect(await offers("nonsense", "")).toContain("deploy");
    expect(await offers("db", "s")).toEqual(["shell", "scratch"]);
  });

  test("says nothing where there is no declaration", async () => {
    const { out, err } = await tend(["complete", "--", "deploy", ""], { cwd: "/" });
    expect([out, err.includes("at ")]).toEqual(["", false]);
  });

  test("works in bash, from a TAB to the words", async () => {
    const tab = `
tend() { ${JSON.stringify(process.execPath)} ${JSON.stringify(MAIN)} "$@"; }
eval "$(tend completion bash)"
COMP_WORDS=(tend deploy w); COMP_CWORD=2
_tend; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(await run(["bash", "-c", tab])).toMatchObject({ exit: 0, out: "web\n" });
  });

  test.each(["bash", "zsh", "fish"])("is a script that %s can read", async (shell) => {
    const { exit, out } = await tend(["completion", shell]);
    expect([exit, out]).toEqual([0, expect.stringContaining("tend complete --")]);
    const there = await run(["sh", "-c", `command -v ${shell}`]);
    if (there.exit === 0) expect(await run([shell, "-n", "-c", out])).toMatchObject({ exit: 0, err: "" });
  });
});
