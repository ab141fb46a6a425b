import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { sceneOf } from "../testing.ts";
import { filesystems } from "./filesystems.ts";
import { seenOf } from "./index.ts";

const home = mkdtempSync(join(tmpdir(), "tend-filesystems-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Every folder below it is told as a filesystem of its own. */
writeFileSync(join(home, "df"), '#!/bin/sh\n[ -e "$2" ] && printf "Filesystem\\nx 100 40 60 40%% %s\\n" "$2"\n');
writeFileSync(join(home, "docker"), "#!/bin/sh\necho /srv/docker\n");
for (const program of ["df", "docker"]) chmodSync(join(home, program), 0o755);

function standingAt(yaml: string) {
  const scene = sceneOf(yaml);
  const script = filesystems.at === "host" ? filesystems.script(scene, seenOf({})) : undefined;
  const env = { PATH: `${home}:${process.env["PATH"]}`, HOME: home };
  const { stdout, stderr } = spawnSync("sh", ["-c", script?.text ?? ""], { encoding: "utf8", env });
  const found = filesystems.read({ exit: 0, stdout, stderr }, scene);
  return found.find(({ holds }) => holds.includes("state"))?.mount;
}

test("tend's state is looked for where it is kept, or will be", () => {
  mkdirSync(join(home, ".local"));
  expect(standingAt("fleet: home\nhosts: { here: local }\n")).toBe(join(home, ".local"));
  mkdirSync(join(home, ".local/state/tend"), { recursive: true });
  expect(standingAt("fleet: home\nhosts: { here: local }\n")).toBe(join(home, ".local/state/tend"));
});

test("a folder for it that is declared counts before it is there", () => {
  expect(standingAt(`fleet: home\nhosts: { here: { ssh: here, state: ${home}/kept/here } }\n`)).toBe(home);
});
