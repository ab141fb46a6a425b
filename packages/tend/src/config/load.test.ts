import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Failure } from "../model/failure.ts";
import { ConfigFailure, loadFleet } from "./load.ts";

const text =
  "fleet: home\nhosts: { here: local }\napps:\n  web: { host: here, path: web, environments: { dev: { path: dev } } }\n";
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tend-config-"));
  await mkdir(join(folder, "a/b/c"), { recursive: true });
  await mkdir(join(folder, "yml"));
  await writeFile(join(folder, "a/tend.yaml"), text);
  await writeFile(join(folder, "a/other.yaml"), text.replace("home", "other"));
  await writeFile(join(folder, "yml/tend.yml"), text);
  await writeFile(join(folder, "wrong.yaml"), "fleet: home\nhots: {}\n");
  await writeFile(join(folder, "latin1.yaml"), Buffer.from([...Buffer.from("fleet: h"), 0xf6, 0x6d, 0x0a]));
  await writeFile(join(folder, "large.yaml"), Buffer.alloc(10_000_000, "# x\n"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function failureOf(loading: Promise<unknown>): Promise<Failure> {
  const error = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Failure) return error;
  throw new Error("it loaded");
}

describe("the declaration", () => {
  test("is the nearest above, and paths start in its folder", async () => {
    const fleet = await loadFleet({ cwd: join(folder, "a/b/c") });
    expect(fleet.file).toBe(join(folder, "a/tend.yaml"));
    expect([...fleet.apps.values()][0]?.path).toBe(join(folder, "a/web"));
  });

  test("may be called tend.yml", async () => {
    expect((await loadFleet({ cwd: join(folder, "yml") })).file).toBe(join(folder, "yml/tend.yml"));
  });

  test("is the file that was named, from where one is", async () => {
    expect((await loadFleet({ cwd: join(folder, "a/b"), file: "../other.yaml" })).name).toBe("other");
  });

  test("is read in the environment that was asked for", async () => {
    const fleet = await loadFleet({ cwd: join(folder, "a"), environment: "dev" });
    expect([...fleet.apps.values()][0]).toMatchObject({ environment: "dev", path: join(folder, "a/dev") });
  });
});

describe("what can't be loaded", () => {
  test("a mistake names the file as one would from here", async () => {
    const failure = await failureOf(loadFleet({ cwd: join(folder, "a"), file: "../wrong.yaml" }));
    expect(failure).toBeInstanceOf(ConfigFailure);
    expect(failure.parts).toMatchObject({ id: "config", exit: "usage", title: "../wrong.yaml has 2 mistakes" });
    expect((failure as ConfigFailure).text).toContain('../wrong.yaml:2:1  error[config]: unknown key "hots"');
  });

  test("no declaration anywhere: where it was looked for, and how to begin", async () => {
    const { parts } = await failureOf(loadFleet({ cwd: "/nowhere/at/all" }));
    expect(parts).toMatchObject({ id: "config", exit: "usage", title: "there is no tend.yaml here" });
    expect(parts.where).toBe("looked for tend.yaml and tend.yml in /nowhere/at/all, /nowhere/at, /nowhere, /");
    expect(parts.help).toContain("fleet: home");
  });

  test.each([
    ["missing.yaml", "it does not exist"],
    ["a", "it is a folder"],
    ["wrong.yaml/x", "a part of its path is not a folder"],
    ["nul\0.yaml", "its path has a NUL in it"],
  ])("%j: %s", async (file, why) => {
    const { parts } = await failureOf(loadFleet({ cwd: folder, file }));
    expect(parts).toMatchObject({ id: "config", exit: "usage", title: "the declaration can't be read", why });
  });

  test("bytes that are not UTF-8, at their place", async () => {
    const failure = await failureOf(loadFleet({ cwd: folder, file: "latin1.yaml" }));
    expect((failure as ConfigFailure).problems).toMatchObject([
      { line: 1, column: 9, title: "a byte that is not UTF-8 in the declaration" },
    ]);
  });

  test("10 MB", async () => {
    const failure = await failureOf(loadFleet({ cwd: folder, file: "large.yaml" }));
    expect((failure as ConfigFailure).problems).toMatchObject([{ line: 1, column: 1, title: "more than 1000000 characters" }]);
  });
});

test("what is known later is added without losing the problems", async () => {
  const failure = (await failureOf(loadFleet({ cwd: folder, file: "wrong.yaml" }))).with({ help: "tend check" });
  expect(failure).toBeInstanceOf(ConfigFailure);
  expect(failure.parts.help).toBe("tend check");
  expect((failure as ConfigFailure).problems).toHaveLength(2);
});
