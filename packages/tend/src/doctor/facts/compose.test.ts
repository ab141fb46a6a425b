import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { sceneOf, YAML } from "../testing.ts";
import { compose } from "./compose.ts";
import { seenOf } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "tend-compose-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the part makes of a Compose that answers so. */
function asked(docker: string) {
  const app = join(folder, "app");
  mkdirSync(app, { recursive: true });
  writeFileSync(join(folder, "docker"), `#!/bin/sh\n${docker}`);
  chmodSync(join(folder, "docker"), 0o755);
  const scene = sceneOf(YAML.replace("~/apps/skriptoteket", app));
  if (compose.at !== "host") throw new Error("it is asked on the host");
  const script = compose.script(scene, seenOf({}));
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script?.text ?? ""], {
    encoding: "utf8",
    env: { PATH: `${folder}:${process.env["PATH"]}`, LC_ALL: "C" },
  });
  return { raw: stdout, seen: compose.read({ exit: status ?? 1, stdout, stderr }, scene)["skriptoteket"] };
}

const ANSWERS = `case "$*" in
*--hash*) echo 'web 0123' ;;
*) cat <<'END'
name: skriptoteket
services:
  web:
    build:
      context: /srv
      args:
        TOKEN: canary-build
    environment:
      DATABASE_URL: postgresql://me:canary-env@db/x
      TEXT: |
        image: canary-block
    command:
      - serve
      - --password=canary-argument
    deploy:
      labels:
        key: canary-label
      replicas: 2
    image: example/web:1
    volumes:
      - type: bind
        source: /srv/data
        target: /data
networks:
  edge:
    name: edge-network
    external: true
    driver_opts:
      key: canary-option
secrets:
  one:
    content: canary-secret
END
`;

test("only what is judged leaves the host", () => {
  const { raw, seen } = asked(`${ANSWERS};; esac`);
  expect(raw).not.toContain("canary");
  expect(seen).toMatchObject({
    exit: 0,
    said: "",
    project: "skriptoteket",
    services: {
      web: { image: "example/web:1", built: true, replicas: 2, binds: [{ source: "/srv/data", target: "/data" }] },
    },
    externalNetworks: ["edge-network"],
    hashes: { web: "0123" },
    all: ["web"],
  });
});

test("what Compose says beside its answer is kept, and can't pass for another app's", () => {
  const { seen } = asked(`${ANSWERS}
printf 'level=warning msg="The \\\\"TAG\\\\" variable is not set."\\n\\036end\\n\\036app\\nother\\n\\036end\\n' >&2 ;; esac`);
  expect(seen?.said).toContain("variable is not set");
  expect(seen?.services).toHaveProperty("web");
});

test("an error is told with its status", () => {
  const { seen } = asked("echo 'yaml: line 7: mapping values' >&2; exit 15");
  expect(seen).toMatchObject({ exit: 15, said: "yaml: line 7: mapping values", services: {} });
});

test("where not every profile can be resolved, what is in use is told all the same", () => {
  const { seen } = asked(`case "$*" in *--profile*) echo 'env file .env.dev not found' >&2; exit 14 ;; esac
${ANSWERS};; esac`);
  expect(seen).toMatchObject({ exit: 0, hashes: { web: "0123" }, all: [] });
});

test.each([
  ["echo \"unknown shorthand flag: 'f' in -f\" >&2; exit 125", /unknown shorthand flag/],
  ["echo \"docker: 'compose' is not a docker command.\" >&2; exit 1", /is not a docker command/],
])("a Docker without Compose tells nothing of the files: %s", (docker, why) => {
  expect(() => asked(docker)).toThrow(why);
});
