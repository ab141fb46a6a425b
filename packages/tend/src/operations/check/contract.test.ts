import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Session } from "../../session.ts";
import { check } from "./check.ts";

const folder = mkdtempSync(join(tmpdir(), "tend-check-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** `tend check --contract` in a folder with these files; every app's host is far away, and never asked. */
async function checked(apps: string, files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries({
    "tend.yaml": `fleet: home\nhosts: { far: { ssh: far } }\napps:\n${apps}`,
    ...files,
  })) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const session = new Session({ cwd: folder });
  if (check.kind !== "report") throw new Error("check is a report");
  const { exit = 0, lines, data } = await check.report(session, { apps: [], live: false, contract: true });
  return { exit, lines: lines.slice(1), data: data as { contracts: readonly Record<string, unknown>[] } };
}

const KEPT =
  "services:\n  web:\n    image: a:1.0\n    restart: always\n    mem_limit: 1g\n    user: '1'\n    logging: { driver: local }\n";

test("ends with 0 where all is kept, and says what isn't known", async () => {
  const { exit, lines } = await checked("  web: { host: far, path: ~/web, compose: prod/compose.yaml }\n", {
    "prod/compose.yaml": KEPT,
  });
  expect(lines).toEqual([
    "? web: not known [contract.healthcheck]: whether the image of web has a health check of its own",
    "✔ web: 1 service, as the default contract asks",
    "what isn't known here, the host may tell: tend check --contract --live",
  ]);
  expect(exit).toBe(0);
});

test("ends with 3 where something is broken, with its place from here, and with 0 where that is only worth knowing", async () => {
  const files = { "prod/compose.yaml": KEPT.replace("    mem_limit: 1g\n", "") };
  const app = (memory: string) =>
    `  web: { host: far, path: ~/web, compose: prod/compose.yaml, contract: { base: none, memory: ${memory} } }\n`;
  const { exit, lines } = await checked(app("required"), files);
  expect(lines[0]).toBe("prod/compose.yaml:2:3  error[contract.memory]: web has no memory limit");
  expect(lines.at(-1)).toBe("✖ web: 1 breach of its contract");
  expect(exit).toBe(3);
  expect((await checked(app("info"), files)).exit).toBe(0);
});

test("ends with 1 where the compose files aren't here, or can't be read", async () => {
  const far = await checked("  web: { host: far, path: ~/web, compose: elsewhere.yaml }\n", {});
  expect(far.lines[0]).toBe(`? web: its contract can't be told: elsewhere.yaml isn't here: looked in ${folder}`);
  expect(far.exit).toBe(1);
  const torn = await checked("  web: { host: far, path: ~/web, compose: torn.yaml }\n", {
    "torn.yaml": "services:\n  web: { image: [\n",
  });
  expect(torn.lines[0]).toMatch(/^\? web: its contract can't be told: torn\.yaml:\d+:\d+ is not YAML/);
  expect(torn.exit).toBe(1);
});

test("holds nobody to a contract who declares none, or has no compose files", async () => {
  const { exit, lines, data } = await checked(
    "  web: { host: far, path: ~/web, contract: none }\n  job: { host: far, path: ~/job, runtime: process, source: { git: main }, services: { job: { run: node x, port: 80 } } }\n",
    {},
  );
  expect(lines).toEqual([
    "· web is held to no contract: it declares that it has none",
    "· job is held to no contract: it has no compose files",
  ]);
  expect(data.contracts).toHaveLength(2);
  expect(exit).toBe(0);
});
