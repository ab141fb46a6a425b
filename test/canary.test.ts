import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

/**
 * A secret stands in the env file, the resolved configuration (environment, labels, command, healthcheck), in what the
 * container logs and in what the registry answers. Docker is a stand-in; everything else is real. It comes out nowhere.
 */
const SECRET = "canary7Hq2vXw9";
const MAIN = join(import.meta.dirname, "../packages/tend/bin/tend.js");

let folder = "";
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tend-canary-"));
  mkdirSync(at("app"));
  cpSync(join(import.meta.dirname, "canary/docker"), at("app/docker"));
  chmodSync(at("app/docker"), 0o755);
  writeFileSync(at("app/secret"), SECRET);
  writeFileSync(at("app/mode"), "well");
  writeFileSync(at("app/.env"), `TAG=1\nDB_PASSWORD=${SECRET}\nURL=postgresql://web:${SECRET}@db/web\n`, { mode: 0o600 });
  writeFileSync(at("app/compose.yaml"), "services: { web: { image: registry.example/web:$TAG } }\n");
  writeFileSync(
    at("tend.yaml"),
    `fleet: home
hosts: { box: { local: true, docker: ${at("app/docker")}, state: ${at("state")} } }
apps:
  web:
    host: box
    path: ${at("app")}
    compose: compose.yaml
    source: { image: registry.example/web, tag: { env: TAG } }
    services: { web: { role: worker } }
`,
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function tend(...args: readonly string[]): Promise<{ exit: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        said += chunk;
      });
    }
    child.on("error", reject);
    child.on("close", (exit) => resolve({ exit, said }));
  });
}

/** Everything that tend left on the host: paths from its state folder. */
function left(): readonly string[] {
  return readdirSync(at("state"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(at("state"), join(entry.parentPath, entry.name)));
}

/** Where a secret may be: a release's own copies of what the host has anyway, and what its own containers print. */
const ITS_OWN = /^apps\/[^/]+\/releases\/\d+\/|^runs\/[^/]+\/(out|before)/;

function expectNoSecret(outputs: readonly { readonly said: string }[]): void {
  for (const { said } of outputs) expect(said).not.toContain(SECRET);
  const files = left().filter((path) => !ITS_OWN.test(path));
  for (const path of files) expect(readFileSync(at("state", path), "utf8"), path).not.toContain(SECRET);
  expect(files.some((path) => path.endsWith("journal.jsonl"))).toBe(true);
  for (const path of left()) expect(statSync(at("state", path.split("/")[0] as string)).mode & 0o077, path).toBe(0);
  expect(existsSync(at("app/unforeseen")) ? readFileSync(at("app/unforeseen"), "utf8") : "").toBe("");
}

describe.each([[[]], [["--json"]]])("with %j", (form) => {
  test("a release that goes well shows and keeps no secret, nor does anything that looks at it afterwards", async () => {
    const outputs = [
      await tend("check", "--live", ...form),
      await tend("deploy", "web", "--dry-run", ...form),
      await tend("deploy", "web", "--force-recreate", ...form),
    ];
    expect(outputs.map(({ exit }) => exit)).toEqual([0, 0, 0]);
    for (const line of [
      "status",
      "releases web",
      "journal web",
      "logs web",
      "recreate web --dry-run",
      "rollback web --to 1 --dry-run",
    ])
      outputs.push(await tend(...line.split(" "), ...form));
    expectNoSecret(outputs);
    expect(outputs.map(({ said }) => said).join("\n")).toContain("[REDACTED]");
  });

  test("a release that fails shows what is wrong, and no secret", async () => {
    writeFileSync(at("app/mode"), "unhealthy");
    const deployed = await tend("deploy", "web", "--force-recreate", ...form);
    expect(deployed.exit).toBe(1);
    expect(deployed.said).toContain("release.unhealthy");
    expect(deployed.said).toMatch(/connect to postgresql:\/\/web:\[REDACTED\]@db:5432\/web failed/);
    const [, run] = /"run":"(r[a-z0-9]+)"/.exec(readFileSync(at("state/apps/web/journal.jsonl"), "utf8")) ?? [];
    expectNoSecret([deployed, await tend("journal", "web", run as string, ...form), await tend("status", ...form)]);
  });

  test("a registry's refusal is told, and no secret", async () => {
    writeFileSync(at("app/mode"), "denied");
    const deployed = await tend("deploy", "web", "--tag", "2", ...form);
    expect(deployed.exit).toBe(5);
    expect(deployed.said).toContain("registry.denied");
    expectNoSecret([deployed, await tend("journal", "web", ...form)]);
  });
});

test("the copies that a release keeps of the env file are its owner's alone", async () => {
  await tend("deploy", "web", "--force-recreate");
  const copies = left().filter((path) => /^apps\/web\/releases\//.test(path));
  expect(copies.some((path) => readFileSync(at("state", path), "utf8").includes(SECRET))).toBe(true);
  for (const path of copies) expect(statSync(at("state", path)).mode & 0o077, path).toBe(0);
});
