import { describe, expect, test } from "vitest";
import { checks } from "./checks/index.ts";
import { seenOf } from "./facts/index.ts";
import { judge } from "./judge.ts";
import { type Changes, container, factsOf, sceneOf } from "./testing.ts";

type Fault = Omit<Changes, "containers"> & { readonly containers?: (recorded: string) => string };

/** What all checks together make of a host with these faults, above information: the roots, and nothing of what is folded. */
function roots(...faults: readonly Fault[]): readonly string[] {
  const scene = sceneOf();
  const { findings, crashed } = judge(checks, seenOf(factsOf(together(faults), scene)), scene);
  expect(crashed).toEqual([]);
  return findings.flatMap(({ id, severity }) => (severity === "info" ? [] : [id])).sort();
}

function together(faults: readonly Fault[]): Changes {
  const changes = faults.flatMap(({ containers }) => containers ?? []);
  const containers = (recorded: string) => changes.reduce((said, change) => change(said), recorded);
  // What was recorded as released is of another recording than what runs.
  return Object.assign({ state: "folder /home/anna/.local/state/tend\n" }, ...faults, { containers });
}

const is = (name: string, fields: object): Fault => ({ containers: container(name, () => ({ ...fields })) });
const ended = (name: string, fields: object = {}) =>
  is(name, {
    state: "exited",
    exitCode: 1,
    startedAt: "2026-11-20T13:40:00Z",
    finishedAt: "2026-11-20T13:50:00Z",
    health: null,
    ...fields,
  });
const psql = (said: string): Fault => ({ postgres: { stdout: `server shared-postgres postgres\n${said}\n` } });
const STOPPED = psql("Error response from daemon: container 7f0c is not running");
const STARTING = psql("FATAL:  the database system is starting up");
const SILENT = psql("psql: error: connection to server on socket failed: No such file or directory");
const sick = is("skriptoteket-web", {
  check: { Test: ["CMD", "node", "check.ts"], Interval: 2e9, Retries: 3 },
  health: { Status: "unhealthy", FailingStreak: 4, Log: [{ Start: "2026-11-20T13:53:40Z", ExitCode: 1, Output: "503" }] },
});
const loops = { state: "restarting", restarts: 5 };
const disk = (percent: number): Fault => ({
  filesystems: (said) => said.replace("4% /var/lib/docker", `${percent}% /var/lib/docker`),
});
const outOfMemory = (at: string): Fault => ({
  outOfMemory: `${at} hemma kernel: Out of memory: Killed process 2213 (postgres) total-vm:4123456kB, anon-rss:2999000kB\n`,
});

test("a healthy host has none", () => {
  expect(roots()).toEqual([]);
  expect(roots(STARTING)).toEqual([]);
});

describe("one fault is one finding, at each moment of its course:", () => {
  test.each<[string, string, ...Fault[]]>([
    ["a database that starts, and the app waits", "db.down", STARTING, sick],
    ["a database that takes long to start", "db.down", STARTING, is("shared-postgres", { startedAt: "2026-11-20T13:40:00Z" })],
    ["a database that doesn't listen yet", "db.down", SILENT, sick],
    ["a database that was stopped", "db.down", STOPPED, ended("shared-postgres"), sick],
    ["a database that was killed", "db.down", STOPPED, ended("shared-postgres", { exitCode: 137 }), sick],
    ["a database that keeps ending", "db.down", STOPPED, ended("shared-postgres", loops), sick],
    ["a database that can't be started", "ctr.start.failed", STOPPED, ended("shared-postgres", { error: "network x not found" })],
    ["a database whose command isn't there", "ctr.command", STOPPED, ended("shared-postgres", { exitCode: 127 })],
    [
      "a database that was killed since the host had no memory left",
      "host.memory.oom",
      outOfMemory("2026-11-20T13:50:00+00:00"),
      STOPPED,
      ended("shared-postgres", { exitCode: 137 }),
      sick,
    ],
    ["a proxy whose command isn't there", "ctr.command", ended("nginx-proxy", { exitCode: 127 })],
    ["a proxy that keeps ending", "proxy.down", ended("nginx-proxy", loops)],
    ["a proxy that was killed", "proxy.down", ended("nginx-proxy", { exitCode: 137 })],
    ["an app that keeps ending, off its networks", "ctr.restart.loop", ended("skriptoteket-web", { ...loops, networks: {} })],
    [
      "the same, in the middle of an attempt",
      "proxy.network",
      is("skriptoteket-web", { restarts: 5, created: "2026-11-20T13:50:00Z", networks: {} }),
    ],
    ["a full disk", "host.disk.space", disk(100), SILENT, is("shared-postgres", { startedAt: "2026-11-20T13:40:00Z" }), sick],
    [
      "a full disk, on which tend can't write either",
      "host.disk.space",
      disk(100),
      { state: "folder /home/anna/.local/state/tend\nmode 700 anna\n" },
    ],
  ])("%s", (_, root, ...faults) => {
    const found = roots(...faults);
    expect(found).toEqual([root]);
  });
});

describe("of two faults both are named:", () => {
  test.each<[string, readonly string[], ...Fault[]]>([
    [
      "a database that was stopped, on a host that ran out of memory days ago",
      ["db.down", "host.memory.oom"],
      outOfMemory("2026-11-17T03:12:44+00:00"),
      STOPPED,
      ended("shared-postgres"),
    ],
    [
      "a database that was stopped, on a disk that is only nearly full",
      ["db.down", "host.disk.space"],
      disk(92),
      STOPPED,
      ended("shared-postgres"),
    ],
  ])("%s", (_, both, ...faults) => {
    expect(roots(...faults)).toEqual(both);
  });
});

test("a host whose clock is an hour ahead hides nothing", () => {
  const lately = { startedAt: "2026-11-20T14:40:00Z", finishedAt: "2026-11-20T14:50:00Z" };
  expect(roots(ended("skriptoteket-web", { ...lately, exitCode: 0 }))).toEqual(["compose.service.missing"]);
});

describe("while a run of tend's is under way, what it is at is no fault:", () => {
  const owner = `{"run":"rdead1","title":"restore skriptoteket","by":"anna@laptop","since":"2026-11-20T13:53:00.000Z"}`;
  const locked = (age: number): Fault => ({
    state: `folder /home/anna/.local/state/tend\nwritable\nmode 700 anna\napp skriptoteket\nlock ${age} ${owner}\ntorn 0\n`,
  });
  const shut: Fault = {
    postgres: (recorded) => `${recorded}fact {"databases":[{"name":"skriptoteket","open":false,"bytes":1}]}\n`,
  };

  const asked = (exit: number, said: string): Fault => ({
    migrations: `\x1eskriptoteket pending skriptoteket-web\nexit ${exit}\n${said}\n`,
  });

  test.each<[string, string, Fault]>([
    ["its container", "compose.service.missing", ended("skriptoteket-web", { exitCode: 0, restarts: 0 })],
    ["one that had to be killed", "ctr.killed", ended("skriptoteket-web", { exitCode: 137 })],
    ["the database, for others", "db.shut", shut],
    ["a migration that is still to come", "app.migrations", asked(0, "out 0004_snapshots")],
    ["a migration that the old code doesn't know", "app.revision.unknown", asked(1, "err can't locate migration 0009")],
  ])("%s", (_, id, fault) => {
    expect(roots(fault, locked(1))).toEqual([]);
    expect(roots(fault)).toContain(id);
  });
});
