import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { operations } from "../packages/tend/src/operations/index.ts";

/** What every change has to keep to, each with its reason. A rule that is in the way is changed here, in the open. */

const ROOT = join(import.meta.dirname, "..");
const SOURCE = "packages/tend/src/";
const LEFT_OUT = new Set(["node_modules", "dist", "coverage", ".git", "package-lock.json"]);

interface File {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

function* walk(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (LEFT_OUT.has(entry.name) || (entry.isDirectory() && entry.name.startsWith(".") && entry.name !== ".ci")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

const files: readonly File[] = [...walk(ROOT)].map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, "utf8") }));
const source = files.filter(({ path }) => path.startsWith(SOURCE) && path.endsWith(".ts"));
/** The source that is shipped: no tests, and nothing that only they use. */
const shipped = source.filter(({ path }) => !/(\.test|\/testing)\.ts$/.test(path));

/** Where a file of the source stands: `operations/release`, `config`, or `.` for those beside the folders. */
function placeOf(path: string): readonly string[] {
  return path.slice(SOURCE.length).split("/").slice(0, -1);
}

/** The files of this project that a file imports, at once or when they are needed. */
function importsOf(file: File): readonly string[] {
  return [...file.text.matchAll(/(?:\bfrom|\bimport\(?)\s*"(\.[^"]+)"/g)].map((match) =>
    relative(ROOT, resolve(ROOT, file.path, "..", match[1] as string)),
  );
}

/** `path:line` of every line that matches; what stands in comments doesn't count. */
function lines(all: readonly File[], pattern: RegExp): readonly string[] {
  return all.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, at) => {
      const code = line.replace(/^\s*(\/\/|\/?\*).*$/, "").replace(/\s\/\/ .*$/, "");
      return pattern.test(code) ? [`${path}:${at + 1} ${line.trim()}`] : [];
    }),
  );
}

const isIn =
  (...places: readonly string[]) =>
  (file: File) =>
    places.some((place) => `${file.path}/`.startsWith(`${SOURCE}${place}`));
const isNotIn =
  (...places: readonly string[]) =>
  (file: File) =>
    !isIn(...places)(file);

/** Every import that a file of `from` has and may not have. */
function forbidden(from: readonly File[], may: (imported: string, importer: File) => boolean): readonly string[] {
  return from.flatMap((file) => importsOf(file).flatMap((path) => (may(path, file) ? [] : [`${file.path} imports ${path}`])));
}

const SPINE = [
  "config",
  "model",
  "observe",
  "plan",
  "execute",
  "transport",
  "proxy",
  "database",
  "dns",
  "tls",
  "doctor",
  "machine",
  "init",
  "schema",
  "backup",
  "migrate",
  "restore",
  "runtime",
  "compose-files",
  "contract",
  "journal",
  "render",
];
/** Programs that are sent to where a SQLite file is, as text. */
const SENT = ["database/sqlite/node.ts", "database/sqlite/tools.ts"];
const within = (path: string, ...places: readonly string[]) => places.some((place) => path.startsWith(`${SOURCE}${place}`));

describe("what depends on what", () => {
  test("the spine knows no operation and no surface: a new one is added without touching the centre", () => {
    const spine = source.filter(isIn(...SPINE.map((folder) => `${folder}/`)));
    expect(spine.length).toBeGreaterThan(50);
    expect(forbidden(spine, (path) => !within(path, "operations/", "surfaces/", "reference/", "main.ts"))).toEqual([]);
  });

  test("the nouns depend on nothing: everything else is written in their terms", () => {
    expect(forbidden(source.filter(isIn("model/")), (path) => within(path, "model/"))).toEqual([]);
  });

  test("a plan is a value: it knows the nouns and how a script is made, and neither runs nor prints", () => {
    const plan = shipped.filter(isIn("plan/"));
    expect(forbidden(plan, (path) => within(path, "plan/", "model/", "transport/argv.ts"))).toEqual([]);
  });

  test("a transport knows nothing of plans, Docker or apps: it runs scripts", () => {
    expect(forbidden(source.filter(isIn("transport/")), (path) => within(path, "transport/", "model/"))).toEqual([]);
  });

  test("operations don't know each other: what two of them need moves into the spine, under a noun", () => {
    const own = (file: File) => `${SOURCE}operations/${placeOf(file.path)[1]}/`;
    const folders = source.filter(isIn("operations/")).filter((file) => placeOf(file.path).length > 1);
    expect(forbidden(folders, (path, file) => path.startsWith(own(file)) || !within(path, "operations/", "surfaces/"))).toEqual(
      [],
    );
  });

  test("surfaces know operations by the registry alone: so a new one shows up in all of them", () => {
    expect(
      forbidden(source.filter(isIn("surfaces/")), (path) => {
        if (path === `${SOURCE}operations/index.ts`) return true;
        return !within(path, "operations/", "runtime/compose/", "runtime/process/", "proxy/", "observe/");
      }),
    ).toEqual([]);
  });

  test("the front is a program of its own that is copied to hosts: it brings nothing else along", () => {
    expect(forbidden(source.filter(isIn("front/")), (path) => within(path, "front/"))).toEqual([]);
  });

  test("what is shipped uses nothing that is for tests", () => {
    expect(forbidden(shipped, (path) => !/(\.test|\/testing)\.ts$/.test(path))).toEqual([]);
  });
});

describe("who may touch the world", () => {
  test("only the transports and the front start processes: everything else asks a host, and can be recorded", () => {
    const outside = shipped.filter(isNotIn("transport/", "front/", ...SENT));
    expect(lines(outside, /child_process|tinyexec|\bspawn\(|execa/)).toEqual([]);
  });

  test("only surfaces write to stdout: what prints can't be called from anywhere else", () => {
    const outside = shipped.filter(isNotIn("render/", "surfaces/", "main.ts", "front/", "reference/write.ts", ...SENT));
    expect(lines(outside, /\bconsole\.|(?<![.#])\bprocess\.(stdout|stderr)/)).toEqual([]);
  });

  test("only main.ts ends the process: elsewhere a failure is thrown, and cleaned up after", () => {
    expect(
      lines(shipped.filter(isNotIn("main.ts", "front/", ...SENT)), /process\.(exit|kill|abort)\(/).filter(
        (line) => !line.includes("transport/"),
      ),
    ).toEqual([]);
  });

  test("time and chance are no part of a plan: runtimes and operations get them handed", () => {
    const pure = shipped.filter(isIn("runtime/", "plan/", "proxy/"));
    expect(lines(pure, /Date\.now\(|new Date\(\)|Math\.random|randomBytes|randomUUID|performance\.now/)).toEqual([]);
  });
});

describe("how shell is written", () => {
  test("by the `sh` template and `command` alone, which quote what is put into them", () => {
    const outside = shipped.filter(isNotIn("transport/argv.ts"));
    expect(lines(outside, /\bScript\.of\(|shell: *true|\bexecSync\(|\bexec\(`/)).toEqual([]);
    // A transport greets login shells of every kind, with constants of its own.
    expect(lines(shipped.filter(isNotIn("transport/")), /(?<!\bsh)`[^`]*\b(?:sh|bash) -c [^`]*\$\{/)).toEqual([]);
  });

  test("an answer is taken with a blank before it: `$(` and a script that begins with `(` would be arithmetic", () => {
    expect(lines(shipped, /\$\(\$\{/)).toEqual([]);
  });

  test("data never passes a terminal: it turns every LF into CRLF, and pg_restore ends 0 with nothing restored", () => {
    const asking = shipped.filter(
      isNotIn("runtime/compose/situation.ts", "database/postgres/tools.ts", "database/sqlite/tools.ts"),
    );
    // What stands behind `nginx` is nginx's own: its -t is a test.
    expect(lines(asking, /docker (exec|run)(?:(?!\bnginx )[^`"])* -[a-z]*t[a-z]* |"--tty"|"-it"/)).toEqual([]);
  });

  test("pg_restore and psql end at the first error: without that they end well amid errors", () => {
    const files = shipped.filter(isIn("database/postgres/")).map((file) => file.text);
    const calls = files.flatMap((text) => text.match(/\[\s*"pg_restore"[^\]]*\]|"pg_restore", "--[^)]*\)/g) ?? []);
    expect(calls.length).toBeGreaterThan(2);
    for (const call of calls) expect(call).toMatch(/--exit-on-error|--file=\/dev\/null/);
    expect(files.join("\n")).toContain("--set=ON_ERROR_STOP=1");
  });

  test("a script is made of text only where it was kept: in the journal's plan", () => {
    expect(lines(shipped.filter(isNotIn("transport/argv.ts", "journal/stored-plan.ts")), /Script\.revive/)).toEqual([]);
  });
});

describe("the registry", () => {
  test.each(operations.map((entry) => [entry.name, entry] as const))(
    "%s is listed as what it calls itself, and shows how it is used",
    async (name, entry) => {
      const operation = await entry.load();
      expect([operation.name, operation.summary]).toEqual([name, entry.summary]);
      expect(operation.examples.length).toBeGreaterThan(0);
      for (const { command, explains } of operation.examples) {
        expect(command).toMatch(new RegExp(`^tend ${name}\\b`));
        expect(explains).not.toBe("");
      }
    },
  );

  test("has every name once, and summaries of one line that fit a terminal", () => {
    expect(new Set(operations.map((entry) => entry.name)).size).toBe(operations.length);
    for (const { summary } of operations) expect(summary).toMatch(/^[A-Z][^\n]{10,100}[^.\n]$/);
  });
});

describe("files", () => {
  test("are called by what they are about: a drawer for the rest has no bottom", () => {
    const drawers = files.filter(({ path }) => /(^|\/)(utils?|helpers?|common|misc|shared|stuff)(\/|\.[a-z]+$|$)/i.test(path));
    expect(drawers.map(({ path }) => path)).toEqual([]);
  });

  test("are short enough to be read at once", () => {
    const read = files.filter(
      ({ path }) => /\.(ts|js|sh|md)$|^(lab|scripts|\.ci)\//.test(path) && !path.startsWith("docs/reference/"),
    );
    const long = read.flatMap(({ path, text }) => (text.split("\n").length > 401 ? [path] : []));
    expect(long).toEqual([]);
  });

  test("put nothing off: what isn't done is an issue, not a comment", () => {
    const marks = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].join("|")})\\b`);
    const marked = files.filter(({ text }) => marks.test(text)).map(({ path }) => path);
    expect(marked).toEqual([]);
  });

  test("are typed: a parser's edge casts to what it has checked, and nothing is any", () => {
    const typed = files.filter(({ path }) => path.endsWith(".ts"));
    expect(lines(typed, new RegExp(`\\bas ${"any"}\\b|@ts-(ignore|nocheck)`))).toEqual([]);
  });

  test("name no place that only one machine has", () => {
    const here = files.filter(
      ({ text }) => text.includes(ROOT) || /(?<![\w~])\/(?:Users|home)\/(?!me\b|ops\b|anna\b|user\b)[a-z]+\//.test(text),
    );
    expect(here.map(({ path }) => path)).toEqual([]);
  });

  test("are tested beside where they stand: a test file has its subject next to it", () => {
    const beside = new Set(source.map(({ path }) => path));
    const lonely = source
      .filter(({ path }) => path.endsWith(".test.ts"))
      .filter(
        ({ path }) =>
          !beside.has(path.replace(".test.ts", ".ts")) &&
          ![...beside].some((one) => one.startsWith(path.replace(/[^/]*$/, "")) && !one.endsWith(".test.ts")),
      );
    expect(lonely.map(({ path }) => path)).toEqual([]);
  });
});

test("everything that a script of package.json names is there", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
  const named = Object.values(scripts).flatMap((line) =>
    [...line.matchAll(/\b(?:sh|node) (\S+\/\S+)/g)].map((match) => match[1] as string),
  );
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
