import { describe, expect, test } from "vitest";
import type { Check } from "../../check.ts";
import { seenOf } from "../../facts/index.ts";
import { judge } from "../../judge.ts";
import { type Cases, type Changes, cases, container, factsOf, judged, sceneOf } from "../../testing.ts";
import { serviceMissing } from "../compose/services.ts";
import { command, execFormat, portBusy, startFailed } from "./start.ts";
import { killed, oom, restartLoop } from "./stopped.ts";

const WEB = "302c9456d44af71e9bebae118b06cacb4352813f6bf144b4506fa738a183a592";
const ON = "hemma/skriptoteket/web";
const unmeasurable = {
  "the engine refuses": { containers: { exit: 1, stdout: "", stderr: "Cannot connect to the Docker daemon" } },
};

const down = (fields: Record<string, unknown>): Changes => ({
  containers: container("skriptoteket-web", () => ({
    state: "exited",
    exitCode: 1,
    startedAt: "2026-11-20T13:40:00Z",
    finishedAt: "2026-11-20T13:41:00Z",
    health: null,
    ...fields,
  })),
});
const log = (...lines: readonly string[]) => `= ${WEB}\n${lines.map((line) => `log|${line}\n`).join("")}`;

const ENDINGS: Readonly<Record<string, { readonly check: Check; readonly seen: Changes; readonly says: string | RegExp }>> = {
  "out of memory": { check: oom, seen: down({ exitCode: 137, oomKilled: true, memory: 67_108_864 }), says: /limit of 67/ },
  killed: { check: killed, seen: down({ exitCode: 137 }), says: /was killed \d+ min ago/ },
  "its port is another container's": {
    check: portBusy,
    seen: down({
      state: "created",
      exitCode: 128,
      error:
        "driver failed programming external connectivity on endpoint skriptoteket-web (1b5f): Bind for 0.0.0.0:80 failed: port is already allocated",
    }),
    says: "port 80 is taken by nginx-proxy",
  },
  "its port is a program's": {
    check: portBusy,
    seen: down({
      exitCode: 128,
      error:
        "driver failed programming external connectivity on endpoint skriptoteket-web: Error starting userland proxy: listen tcp4 0.0.0.0:8443: bind: address already in use",
    }),
    says: /port 8443 is taken[\s\S]*no container has it/,
  },
  "its network is gone": {
    check: startFailed,
    seen: down({ exitCode: 255, error: "network edge-network not found" }),
    says: "network edge-network that it was made with is gone",
  },
  "a folder over a file": {
    check: startFailed,
    seen: down({
      state: "created",
      exitCode: 128,
      error:
        'failed to create task: OCI runtime create failed: error mounting "/srv/app.conf" to rootfs at "/etc/app.conf": not a directory: unknown: Are you trying to mount a directory onto a file',
    }),
    says: "the engine made a folder",
  },
  "a folder over a file, which ends with the status of a command that isn't there": {
    check: startFailed,
    seen: down({
      state: "created",
      exitCode: 127,
      error:
        'failed to create task for container: runc create failed: error mounting "/srv/app.conf" to rootfs at "/etc/app.conf": create mount destination for /etc/app.conf mount: not a directory: unknown\r\n',
    }),
    says: "/etc/app.conf",
  },
  "built for another processor": {
    check: execFormat,
    seen: {
      ...down({ state: "restarting", exitCode: 1, restarts: 4 }),
      images: (recorded) => recorded.replace(/^(.*skriptoteket-web.*)"linux\/amd64"/m, '$1"linux/arm64"'),
      trouble: log("exec /usr/local/bin/node: exec format error"),
    },
    says: "its image is linux/arm64, the server is linux/amd64",
  },
  "a script without its first line": {
    check: execFormat,
    seen: { ...down({ exitCode: 255 }), trouble: log("exec /app/start.sh: exec format error") },
    says: "without `#!`",
  },
  "a command that isn't there": {
    check: command,
    seen: down({
      state: "created",
      exitCode: 127,
      error:
        'failed to create task for container: OCI runtime create failed: exec: "pdm": executable file not found in $PATH: unknown',
    }),
    says: "a command of its isn't in the image",
  },
  "a script that may not be executed": {
    check: command,
    seen: {
      ...down({
        state: "created",
        exitCode: 126,
        error: 'OCI runtime create failed: exec: "/app/start.sh": permission denied: unknown',
      }),
      trouble: `${log()}program|no|-rw-r--r--|/app/start.sh\n`,
    },
    says: "/app/start.sh may not be executed",
  },
  "a script with Windows line ends": {
    check: command,
    seen: {
      ...down({ state: "restarting", restarts: 5, exitCode: 127 }),
      trouble: `${log("exec /app/start.sh: no such file or directory")}program|yes|-rwxr-xr-x|/app/start.sh\n`,
    },
    says: "/app/start.sh has Windows line ends",
  },
};

/** Each is found by its own check, and by none of the others. */
function endings(check: Check): Cases {
  const told = (own: boolean) => Object.entries(ENDINGS).filter(([, ending]) => (ending.check === check) === own);
  return {
    good: Object.fromEntries(told(false).map(([name, { seen }]) => [name, seen])),
    bad: Object.fromEntries(told(true).map(([name, { seen, says }]) => [name, { seen, says, on: ON }])),
    unmeasurable,
  };
}

cases(oom, endings(oom));
cases(killed, endings(killed));
cases(portBusy, endings(portBusy));

describe("who has the port", () => {
  const { seen } = ENDINGS["its port is another container's"] as { seen: { containers: (recorded: string) => string } };
  const fixed = (containers: (recorded: string) => string) => judged(portBusy, { containers }).findings[0]?.fix;

  test("isn't to be stopped where it is a declared proxy: all its sites would be down", () => {
    expect(fixed(seen.containers)).toMatchObject({ text: expect.stringContaining("publish another port"), commands: undefined });
  });

  test("may be stopped by somebody who knows what it is, where nobody has declared it", () => {
    const stray = container("nginx-proxy", () => ({ name: "/stray", policy: "no" }));
    expect(fixed((recorded) => stray(seen.containers(recorded)))).toMatchObject({
      text: expect.stringContaining("or stop stray if nobody needs it"),
      commands: undefined,
    });
  });
});
cases(startFailed, endings(startFailed));
cases(execFormat, endings(execFormat));
cases(command, endings(command));

cases(restartLoop, {
  good: {
    "restarted long ago": {
      containers: container("skriptoteket-web", () => ({
        restarts: 7,
        created: "2026-11-18T10:00:00Z",
        startedAt: "2026-11-20T08:00:00Z",
      })),
    },
    "restarted now and then": {
      containers: container("skriptoteket-web", () => ({ restarts: 5, created: "2026-11-10T10:00:00Z" })),
    },
  },
  bad: {
    "between two attempts": {
      seen: {
        ...down({ state: "restarting", restarts: 6 }),
        trouble: log("Starting", "Error: connect ECONNREFUSED 172.18.0.2:5432", "    at main", "process ended"),
      },
      on: ON,
      says: /6 times, last with status 1[\s\S]*ECONNREFUSED/,
    },
    "in the middle of one": {
      seen: {
        containers: container("skriptoteket-web", () => ({
          restarts: 4,
          created: "2026-11-20T13:50:00Z",
          startedAt: "2026-11-20T13:53:40Z",
        })),
      },
      on: ON,
      says: "4 times",
    },
    "the log can't be had: it loops all the same": {
      seen: { ...down({ state: "restarting", restarts: 6 }), trouble: { exit: 124 } },
      on: ON,
      says: "6 times",
    },
  },
  unmeasurable,
});

describe("one fault is one finding", () => {
  const all = [serviceMissing, restartLoop, oom, killed, portBusy, startFailed, execFormat, command];
  test.each(Object.entries(ENDINGS))("%s", (_, { check, seen }) => {
    const scene = sceneOf();
    const { findings } = judge(all, seenOf(factsOf(seen, scene)), scene);
    expect(findings.map(({ id, severity }) => [id, severity])).toEqual([[check.id, "error"]]);
  });
});
