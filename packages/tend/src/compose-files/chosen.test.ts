import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HostName } from "../model/names.ts";
import { sh } from "../transport/argv.ts";
import { LocalTransport } from "../transport/local.ts";
import { chosenFiles, chosenFilesScript } from "./chosen.ts";
import { variablesOf } from "./files.ts";

const here = new LocalTransport("here" as HostName);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tend-chosen-"));
});
afterAll(async () => {
  await here.close();
  await rm(folder, { recursive: true, force: true });
});

test.each([
  ["nothing", {}, []],
  ["one of them", { "docker-compose.yml": "" }, ["docker-compose.yml"]],
  ["the first of two", { "compose.yml": "", "docker-compose.yml": "" }, ["compose.yml"]],
  [
    "an override of another name",
    { "docker-compose.yml": "", "compose.override.yaml": "" },
    ["docker-compose.yml", "compose.override.yaml"],
  ],
  ["an override of nothing", { "compose.override.yaml": "" }, []],
  [
    "what .env says",
    { ".env": "A=1\nCOMPOSE_FILE='a.yaml:b.yaml'\n", "a.yaml": "", "b.yaml": "", "compose.yaml": "" },
    ["a.yaml", "b.yaml"],
  ],
])("without being told, Compose takes %s: here and on a host", async (_, files, taken) => {
  const at = await mkdtemp(join(folder, "app-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(at, name), text);
  const variables = variablesOf([".env" in files ? files[".env"] : undefined]);
  expect(chosenFiles((name) => existsSync(join(at, name)), variables)).toEqual(taken);
  const { stdout } = await here.run(sh`cd ${at}
${chosenFilesScript()}`);
  expect(stdout.split("\n").filter(Boolean)).toEqual(taken);
});
