import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { factsOf, sceneOf } from "../testing.ts";
import { seenOf } from "./index.ts";
import { logs } from "./logs.ts";

const folder = mkdtempSync(join(tmpdir(), "tend-logs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const AT = "2026-11-20T13:50:00.000000000Z";

/** What the part makes of a container whose log has these lines. */
function told(...lines: readonly string[]) {
  writeFileSync(join(folder, "log"), lines.map((line) => `${AT} ${line}\n`).join(""));
  writeFileSync(join(folder, "docker"), `#!/bin/sh\ncat ${folder}/log\n`);
  chmodSync(join(folder, "docker"), 0o755);
  if (logs.at !== "host") throw new Error("it is asked on the host");
  const script = logs.script(sceneOf(), seenOf(factsOf()));
  const { stdout, stderr } = spawnSync("sh", ["-c", script?.text ?? ""], {
    encoding: "utf8",
    env: { PATH: `${folder}:${process.env["PATH"]}`, LC_ALL: "C" },
  });
  const [first] = logs.read({ exit: 0, stdout, stderr }, sceneOf()) ?? [];
  return first?.said ?? {};
}

test.each([
  ["missing", 'ERROR:  relation "users" does not exist at character 15'],
  ["missing", String.raw`{"message":"relation \"users\" does not exist"}`],
  ["missing", "sqlite3.OperationalError: no such table: users"],
  ["revision", "Can't locate revision identified by '0123'"],
  ["module", "Error: Cannot find module 'express'"],
  ["library", "node: error while loading shared libraries: libssl.so.1.1"],
  ["env", "DATABASE_URL is not set"],
  ["env", "KeyError: 'SECRET_KEY'"],
  ["slot", 'ERROR:  replication slot "electric_slot" is active for PID 71'],
  ["login", 'FATAL:  password authentication failed for user "me"'],
  ["version", "DETAIL:  The data directory was initialized by PostgreSQL version 16"],
  ["sqlite", "attempt to write a readonly database"],
  ["error", "Traceback (most recent call last):"],
])("%s: %s", (sign, line) => {
  expect(told("all is well", line)).toHaveProperty(sign, [{ at: AT, text: line }]);
});

test("a name of two letters is no variable", () => {
  expect(told("IT is not set in stone")).toEqual({});
});

test("of each sign the last six lines are told, cut to size, however many others there are", () => {
  const errors = Array.from({ length: 40 }, (_, at) => `error ${at} ${"x".repeat(1000)}`);
  const said = told("DATABASE_URL is not set", ...errors);
  expect(said.env).toHaveLength(1);
  expect(said.error?.map(({ text }) => text.slice(0, 8))).toEqual([34, 35, 36, 37, 38, 39].map((at) => `error ${at}`));
  expect(said.error?.[0]?.text.length).toBeLessThan(700);
});
