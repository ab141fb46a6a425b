import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { generated } from "./pages.ts";
import { stale } from "./write.ts";

const root = join(import.meta.dirname, "../../../..");
const copy = mkdtempSync(join(tmpdir(), "tend-reference-"));
afterAll(() => rmSync(copy, { recursive: true }));

test("the reference is fresh: npm run reference writes it", async () => {
  expect(await stale(root)).toEqual([]);
});

test("a page that was changed by hand, and one too many, are told", async () => {
  for (const [path, text] of await generated()) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  writeFileSync(join(copy, "docs/reference/deploy.md"), "# changed by hand\n");
  writeFileSync(join(copy, "docs/reference/destroy.md"), "# no such verb\n");
  expect(await stale(copy)).toEqual(["docs/reference/deploy.md", "docs/reference/destroy.md"]);
});
