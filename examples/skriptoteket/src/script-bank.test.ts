import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Database, Value } from "./database.ts";
import { readScripts, type Script, seed } from "./script-bank.ts";
import { clearSessionFiles, keepSessionFile } from "./sessions.ts";

const folders: string[] = [];
async function folder(): Promise<string> {
  folders.push(await mkdtemp(join(tmpdir(), "artifacts-")));
  return folders.at(-1) as string;
}
afterEach(async () => {
  for (const path of folders.splice(0)) await rm(path, { recursive: true });
});

function database(): Database {
  const versions = new Map<string, { version: number; sha256: string }>();
  const query = async <Row>(text: string, values: readonly Value[] = []): Promise<Row[]> => {
    const [slug, version, , sha256] = values as [string, number, string, string];
    if (text.startsWith("INSERT INTO tool_versions")) versions.set(slug, { version, sha256 });
    return text.startsWith("SELECT") && versions.has(slug) ? [versions.get(slug) as Row] : [];
  };
  const self: Database = { query, script: async () => undefined, transaction: (work) => work(self), end: async () => undefined };
  return self;
}

const script = (code: string): Script => ({ slug: "count", title: "Count", summary: "counts", code });

test("the app's own scripts say what they are", async () => {
  const own = await readScripts(new URL("../script-bank", import.meta.url).pathname);
  expect(own.map((one) => one.slug)).toEqual(["mail-bcc", "sort-names", "word-count"]);
  expect(own[2]).toMatchObject({ title: "Räkna ord", summary: "how often each word stands in a text" });
});

test("seeding writes the file, and a second time nothing; changed code is a new version only when asked", async () => {
  const [tables, artifacts] = [database(), await folder()];
  const run = (code: string, more = {}) =>
    seed(tables, [script(code)], { artifacts, actor: { id: "1", role: "admin" }, syncCode: false, dryRun: false, ...more });
  expect(await run("one", { dryRun: true })).toEqual(["would add count version 1"]);
  expect(await readdir(artifacts)).toEqual([]);
  expect(await run("one")).toEqual(["added count version 1"]);
  expect(await run("one")).toEqual([]);
  expect(await run("two")).toEqual([]);
  expect(await run("two", { syncCode: true })).toEqual(["added count version 2"]);
  expect(await readFile(join(artifacts, "scripts/count/1.mjs"), "utf8")).toBe("one");
  expect(await readFile(join(artifacts, "scripts/count/2.mjs"), "utf8")).toBe("two");
});

test("session files are kept apart, and cleared together", async () => {
  const artifacts = await folder();
  const { file } = await keepSessionFile(artifacts, { name: "list.txt", text: "one" });
  await keepSessionFile(artifacts, { name: "list.txt", text: "two" });
  expect(await readFile(join(artifacts, file), "utf8")).toBe("one");
  for (const name of ["../x", "", ".hidden", 7])
    await expect(keepSessionFile(artifacts, { name, text: "" })).rejects.toThrow("name");
  expect(await clearSessionFiles(artifacts)).toBe(2);
  expect(await clearSessionFiles(artifacts)).toBe(0);
});
