import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { sceneOf } from "../testing.ts";
import { engine } from "./engine.ts";
import { seenOf } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "tend-engine-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the part makes of a Docker that says so of itself. */
function asked(info: string) {
  writeFileSync(join(folder, "docker"), `#!/bin/sh\n${info}\n`);
  chmodSync(join(folder, "docker"), 0o755);
  if (engine.at !== "host") throw new Error("it is asked on the host");
  const { stdout, stderr } = spawnSync("sh", ["-c", engine.script(sceneOf(), seenOf({}))?.text ?? ""], {
    encoding: "utf8",
    env: { PATH: `${folder}:${process.env["PATH"]}`, LC_ALL: "C" },
  });
  return engine.read({ exit: 0, stdout, stderr }, sceneOf());
}

test("the engine, Compose and the registries without TLS are told by one start of Docker's client", () => {
  const seen = asked(`echo + >>${folder}/starts
printf 'compose v2.26.1\\nserver 26.1.5\\ninsecure 10.0.0.1:5000\\ninsecure 127.0.0.0/8\\n'`);
  expect(seen).toMatchObject({ compose: "2.26.1", server: "26.1.5", insecure: ["10.0.0.1:5000", "127.0.0.0/8"] });
  expect(seen.trouble).toBeUndefined();
  expect(spawnSync("cat", [join(folder, "starts")], { encoding: "utf8" }).stdout).toBe("+\n");
});

test.each([
  ["as a part of what is told", "printf 'compose 2.26.1\\ntrouble 500 Internal server error for API route\\n'"],
  ["beside it", "printf 'compose 2.26.1\\n'; echo '500 Internal server error for API route' >&2; exit 1"],
])("why the engine doesn't answer is told, wherever Docker says it: %s", (_, info) => {
  expect(asked(info)).toMatchObject({ server: undefined, trouble: "500 Internal server error for API route", compose: "2.26.1" });
});
