import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { Session } from "../../session.ts";
import { init } from "./init.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "tend-init-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** `tend init` in a folder, without a host. */
async function begun(folder: string, given: { readonly force?: boolean; readonly dryRun?: boolean } = {}) {
  const session = new Session({ cwd: folder });
  if (init.kind !== "report") throw new Error("init is a report");
  const input = { host: undefined, local: false, force: false, dryRun: false, ...given };
  return init.report(session, input).finally(() => session.close());
}

const COMPOSE = "services: { web: { image: 'shop:1.0' } }\n";

test("writes a declaration, prints it instead where that is asked for, and never writes over one by itself", async () => {
  const folder = folderWith({ "compose.yaml": COMPOSE });
  const file = join(folder, "tend.yaml");
  const { lines } = await begun(folder, { dryRun: true });
  expect(existsSync(file)).toBe(false);
  await begun(folder);
  expect(readFileSync(file, "utf8").trimEnd()).toBe(lines[0]);
  writeFileSync(file, "mine\n");
  await expect(begun(folder)).rejects.toMatchObject({ id: "init.exists" });
  expect(readFileSync(file, "utf8")).toBe("mine\n");
  await begun(folder, { force: true });
  expect(readFileSync(file, "utf8")).toMatch(/^# Begun by tend init/);
});

test.each([
  ["no compose file", {}, []],
  [
    "one that isn't YAML",
    { "compose.yaml": "services:\n  web:\n   image: a\n  image: [\n" },
    ["compose.yaml:5:1 is not YAML: bad indent"],
  ],
  ["one without a service", { "compose.yaml": "services: {}\n" }, []],
])("writes nothing of %s", async (_, files, evidence) => {
  const folder = folderWith(files);
  const refused = await begun(folder).catch((error: unknown) => error);
  expect(refused).toMatchObject({ id: "init.nothing", parts: { where: folder } });
  expect((refused as { parts: { evidence: unknown } }).parts.evidence).toEqual(evidence);
  expect(existsSync(join(folder, "tend.yaml"))).toBe(false);
});
