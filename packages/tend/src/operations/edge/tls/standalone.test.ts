import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseFleet } from "../../../config/parse-fleet.ts";
import type { Proxy } from "../../../model/fleet.ts";
import { actionText } from "../../../plan/print.ts";
import { renewalSteps } from "./steps.ts";

const YAML = `fleet: home
hosts: { a: { ssh: a } }
proxies: { edge: { host: a, kind: nginx, container: the-proxy, tls: { by: certbot, how: standalone } } }
`;
const [proxy] = parseFleet(YAML, "/home/me/tend.yaml").proxies.values();
const due = [{ domains: ["a.example"], path: "/etc/letsencrypt/live/a.example/fullchain.pem" }];
const [step] = renewalSteps(proxy as Proxy, due, false).steps;
const script = step ? actionText(step.action).join("\n") : "";

let folder: string;
let running: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tend-standalone-"));
  // A docker whose only container runs until it is stopped, and that writes down what it is told.
  program(
    "docker",
    `case $1 in container) [ -e stopped ] && echo false || echo true ;; stop) touch stopped ;; start) rm stopped || exit 1 ;; esac; echo "$1" >>said`,
  );
});
afterEach(() => {
  running?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\ncd ${folder}\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

const there = (file: string) => existsSync(join(folder, file));
const runs = () => !there("stopped") && readFileSync(join(folder, "said"), "utf8").includes("start");

/** Begins the renewal, in a group of its own, and waits until certbot has its turn. */
async function begin(certbot: string): Promise<ChildProcess> {
  program("certbot", `touch begun; ${certbot}`);
  running = spawn("sh", ["-c", script], { detached: true, stdio: "ignore", env: { PATH: `${folder}:${process.env["PATH"]}` } });
  await expect.poll(() => there("begun"), { timeout: 20_000 }).toBe(true);
  expect(there("stopped")).toBe(true);
  return running;
}

/** It may have ended before anybody asks. */
async function ended(one: ChildProcess): Promise<number | string | null> {
  if (one.exitCode === null && one.signalCode === null) await once(one, "exit");
  return one.signalCode ?? one.exitCode;
}

test.each([
  ["certbot has renewed", "sleep 0.2", 0],
  ["certbot was refused", "sleep 0.2; exit 1", 1],
])("the proxy runs again when %s", async (_, certbot, exit) => {
  const renewal = await begin(certbot);
  expect(await ended(renewal)).toBe(exit);
  expect(runs()).toBe(true);
});

test.each(["SIGHUP", "SIGINT", "SIGTERM", "SIGKILL"] as const)(
  "the proxy runs again when all of it gets a %s",
  async (signal) => {
    const renewal = await begin("exec sleep 60");
    process.kill(-(renewal.pid as number), signal);
    await ended(renewal);
    await expect.poll(runs, { timeout: 20_000 }).toBe(true);
  },
);

test("a proxy that doesn't start again is a failure, whatever certbot says", async () => {
  const renewal = await begin("rm stopped; mkdir stopped");
  expect(await ended(renewal)).not.toBe(0);
});

test("a proxy that didn't run before stays stopped", async () => {
  writeFileSync(join(folder, "stopped"), "");
  const renewal = await begin("sleep 0.2");
  expect(await ended(renewal)).toBe(0);
  expect(readFileSync(join(folder, "said"), "utf8")).toBe("container\n");
});
