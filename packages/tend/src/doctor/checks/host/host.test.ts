import { describe, expect, test } from "vitest";
import { seenOf } from "../../facts/index.ts";
import { judge } from "../../judge.ts";
import { cases, container, factsOf, judged, sceneOf, YAML } from "../../testing.ts";
import { diskLogs } from "./disk-logs.ts";
import { diskSpace } from "./disk-space.ts";
import { dockerAccess, dockerSnap, engineDown, engineVersion } from "./engine.ts";
import { memoryLow, memoryOom } from "./memory.ts";
import { mtu } from "./mtu.ts";
import { portBusy } from "./port-busy.ts";
import { reachable } from "./reachable.ts";
import { sshExposure } from "./ssh-exposure.ts";
import { timeSync } from "./time-sync.ts";
import { timerStale, unitFailed } from "./units.ts";
import { rebootPending, securityUpdates } from "./upkeep.ts";

describe(reachable.id, () => {
  const failure = {
    id: "host.unreachable",
    title: "hemma can't be reached",
    evidence: ["ssh: connect to host hemma: No route to host"],
  };

  test("is found, and everything else is unknown rather than wrong", () => {
    const scene = sceneOf();
    const facts = { ...factsOf(), filesystems: { unmeasured: "hemma can't be reached" }, reach: { value: { via: "", failure } } };
    const { findings, unknown } = judge([reachable, diskSpace], seenOf(facts), scene);
    expect(findings).toMatchObject([{ id: "host.reachable", subject: "hemma", severity: "error", evidence: failure.evidence }]);
    expect(unknown).toEqual([{ id: "host.disk.space", subject: "hemma", why: "hemma can't be reached" }]);
  });

  test.each([
    ["connect to host 10.0.0.5 port 22: Connection refused", "nothing listens there"],
    ["connect to host 10.0.0.5 port 22: Connection timed out", "it is off"],
    ["Could not resolve hostname hemma: Name or service not known", "its name has no address"],
    ["me@10.0.0.5: Permission denied (publickey).", "doesn't take the key"],
    ["Host key verification failed.", "host key isn't the one"],
  ])("what ssh says tells why: %s", (said, cause) => {
    const failing = { ...failure, evidence: [`hemma: ssh: ${said}`], help: "ssh hemma" };
    const facts = { ...factsOf(), reach: { value: { via: "", failure: failing } } };
    const { findings } = judge([reachable], seenOf(facts), sceneOf());
    expect(findings).toMatchObject([
      { cause: expect.stringContaining(cause) as string, fix: { text: "find out why: ssh hemma" } },
    ]);
  });
});

cases(diskSpace, {
  good: { "half full": { filesystems: "space / 1000000 500000 500000 50% /\ninodes / 12% /\n" } },
  bad: {
    "nearly full": {
      seen: { filesystems: "space / 1000000 930000 70000 93% /\ninodes / 12% /\n" },
      on: "hemma/disk:/",
      says: "93 % full",
    },
    "out of inodes, with space to spare": {
      seen: { filesystems: "space docker 1000000 300000 700000 30% /var/lib/docker\ninodes docker 99% /var/lib/docker\n" },
      on: "hemma/disk:/var/lib/docker",
      says: "99 % of its inodes",
    },
  },
  unmeasurable: {
    "df hangs on a dead network drive": { filesystems: { exit: 124, stdout: "" } },
    "df isn't there": { filesystems: { exit: 127, stdout: "", stderr: "sh: df: not found" } },
  },
});

const TIMED_OUT = { exit: 124, stdout: "" };
const DENIED = `user ops
groups ops sudo
program /usr/bin/docker
client 26.1.5
trouble permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock
socket root:docker 660
compose 2.26.1
`;

cases(engineDown, {
  good: { "the user may not use it: that is another matter": { engine: DENIED } },
  bad: {
    "it is stopped": {
      seen: {
        engine:
          "user root\ngroups root\nprogram /usr/bin/docker\nclient 26.1.5\ntrouble Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\nunit docker.service loaded failed exit-code\nlog failed to start daemon: invalid character in daemon.json\ncompose 2.26.1\n",
      },
      on: "hemma",
      says: "daemon.json",
    },
    "there is none": { seen: { engine: "user root\ngroups root\n" }, on: "hemma", says: "no docker command" },
  },
  unmeasurable: { "the engine hangs": { engine: TIMED_OUT } },
});

cases(dockerAccess, {
  good: {},
  bad: { "the user isn't in the group": { seen: { engine: DENIED }, on: "hemma", says: "ops isn't in the group docker" } },
  unmeasurable: { "the engine hangs": { engine: TIMED_OUT } },
});

cases(engineVersion, {
  good: {},
  bad: {
    "Compose is missing": { seen: { engine: (said) => said.replace(/^compose .*$/m, "") }, on: "hemma", says: "has no Compose" },
    "the engine is old": {
      seen: { engine: (said) => said.replace(/^server .*$/m, "server 19.03.8") },
      on: "hemma",
      says: "19.03.8",
    },
  },
  unmeasurable: { "the engine hangs": { engine: TIMED_OUT } },
});

cases(dockerSnap, {
  good: {},
  bad: {
    "it is a snap": {
      seen: { engine: (said) => said.replace(/^program .*$/m, "program /snap/bin/docker") },
      on: "hemma",
      says: "units and timers need /snap/bin/docker",
    },
  },
  unmeasurable: { "the engine hangs": { engine: TIMED_OUT } },
});

test("a snap that can't see the app's folder is more than worth knowing", () => {
  const seen = { engine: (said: string) => said.replace(/^program .*$/m, "program /snap/bin/docker") };
  const { findings } = judged(dockerSnap, seen, YAML.replace("path: ~/apps/skriptoteket", "path: /srv/skriptoteket"));
  expect(findings.map(({ severity, title }) => [severity, title])).toEqual([
    ["warning", "Docker is a snap, and skriptoteket stands where it can't see: /srv/skriptoteket"],
  ]);
});

cases(diskLogs, {
  good: { "a large one that is below the limit": { containerLogs: "900000 /skriptoteket-web\n" } },
  bad: {
    "a log that was never rotated": {
      seen: { containerLogs: "4000 /nginx-proxy\n12000000 /skriptoteket-web\n" },
      on: "hemma/skriptoteket/web",
      says: "12 GB",
    },
  },
  unmeasurable: {
    "the user isn't root": { containerLogs: { exit: 77, stdout: "" } },
    "the engine hangs": { containerLogs: TIMED_OUT },
  },
});

const memory = (available: number) => ({
  machine: (said: string) =>
    said.replace(/^MemAvailable:.*$/m, `MemAvailable: ${available} kB`).replace(/^MemTotal:.*$/m, "MemTotal: 4000000 kB"),
});

cases(memoryLow, {
  good: { "half of it is taken": memory(2_000_000) },
  bad: {
    "little is left": { seen: memory(250_000), on: "hemma", says: "256 MB of 4.1 GB memory left" },
    "next to nothing is left": { seen: memory(50_000), on: "hemma", says: "it has no swap" },
  },
  unmeasurable: { "there is no /proc": { machine: { exit: 1, stdout: "", stderr: "cut: /proc/uptime: No such file" } } },
});

cases(memoryOom, {
  good: {},
  bad: {
    "the database was killed": {
      seen: {
        outOfMemory:
          "2026-11-19T03:12:44+00:00 hemma kernel: Out of memory: Killed process 2213 (postgres) total-vm:4123456kB, anon-rss:2999000kB\n",
      },
      on: "hemma/memory",
      says: "killed postgres",
    },
  },
  unmeasurable: {
    "the user may not read the kernel's log": {
      outOfMemory: { exit: 3, stdout: "", stderr: "the kernel's log can't be read by ops" },
    },
  },
});

const bare = (said: string) => said.replace(/^contained .*$/m, "contained none");
const AT = /^at (\d+)$/m;

cases(timeSync, {
  good: {
    "kept in time by chrony": { machine: (said) => bare(said).replace("NTPSynchronized=no", "NTPSynchronized=yes") },
    "a moment ago it was started": { machine: (said) => bare(said).replace(/^uptime .*$/m, "uptime 40.2") },
  },
  bad: {
    "nobody keeps it in time": { seen: { machine: bare }, on: "hemma", says: "nobody keeps the clock" },
    "it could be kept in time": {
      seen: { machine: (said) => bare(said).replace("CanNTP=no", "CanNTP=yes") },
      on: "hemma",
      says: "NTP off",
    },
    "it is behind": {
      seen: { machine: (said) => said.replace(AT, (_, at) => `at ${Number(at) - 400}`) },
      on: "hemma",
      says: "400 s behind",
    },
  },
  unmeasurable: { "there is no /proc": { machine: { exit: 1, stdout: "", stderr: "cut: /proc/uptime: No such file" } } },
});

test.each([
  "failed to start userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use",
  "failed to bind host port for 0.0.0.0:80:172.31.0.2:80/tcp: address already in use",
  "failed to set up container networking: failed to bind host port 0.0.0.0:80/tcp: address already in use",
  "failed to bind host port [::]:80/tcp: address already in use",
])("a busy port is read from an engine's words: %s", (error) => {
  const containers = container("nginx-proxy", () => ({ state: "created", ports: {}, error }));
  const listening = 'LISTEN 0 511 *:80 *:* users:(("apache2",pid=711,fd=4))\n';
  expect(judged(portBusy, { containers, listening }).findings.map(({ title }) => title)).toEqual([
    "nginx-proxy can't start: apache2 (pid 711) has port 80",
  ]);
});

test("systemd is told to keep the clock only where it can and doesn't", () => {
  const classOf = (change: (said: string) => string) =>
    judged(timeSync, { machine: (said) => change(bare(said)) }).findings[0]?.fix.class;
  expect(classOf((said) => said.replace("CanNTP=no", "CanNTP=yes"))).toBe("safe");
  expect(classOf((said) => said)).toBe("person");
  expect(classOf((said) => said.replace("CanNTP=no", "CanNTP=yes").replace("NTP=no", "NTP=yes"))).toBe("person");
});

cases(rebootPending, {
  good: {},
  bad: {
    "for three weeks": {
      seen: { machine: (said) => `${said}reboot 1814400 libc6 linux-image-amd64 \n` },
      on: "hemma",
      says: "for libc6, linux-image-amd64",
    },
  },
  unmeasurable: { "there is no /proc": { machine: { exit: 1, stdout: "", stderr: "cut: /proc/uptime: No such file" } } },
});

test("a restart that has been due for a day is only worth knowing", () => {
  const { findings } = judged(rebootPending, { machine: (said) => `${said}reboot 90000 libc6\n` });
  expect(findings.map((finding) => finding.severity)).toEqual(["info"]);
});

const UPDATE = "Inst openssl [3.5.1-1] (3.5.4-1 Debian-Security:13/trixie-security [amd64])\n";

cases(securityUpdates, {
  good: {
    "an update that isn't about security": {
      updates: "listed 90\nunattended \nInst tar [1.35] (1.36 Debian:13.2/stable [amd64])\n",
    },
    "no Debian": { updates: "" },
  },
  bad: {
    "nobody installs them": { seen: { updates: `listed 4000\nunattended 0\n${UPDATE}` }, on: "hemma", says: "openssl" },
    "nobody has looked": { seen: { updates: "listed 4000000\nunattended 0\n" }, on: "hemma", says: "for 46 d" },
  },
  unmeasurable: {
    "there are no lists": { updates: { exit: 3, stdout: "", stderr: "it has no package lists: apt-get update has never run" } },
  },
});

/** As systemd tells of them: the failed units' names, the timers, and the units that either speaks of. */
const systemd = (told: { readonly failed?: string; readonly timer?: string; readonly unit: string; readonly log?: string }) =>
  `--- now\n1795183897\n--- failed\n${told.failed ?? ""}\n--- timers\n${told.timer ?? ""}\n--- units\nDescription=Something\nLoadState=loaded\n${told.unit}\n--- logs\n${told.log ?? ""}\n`;
const NO_SYSTEMD = { exit: 3, stdout: "", stderr: "it isn't run by systemd" };

cases(unitFailed, {
  good: {
    "one whose failure the engine's check tells": {
      units: systemd({
        failed: "docker.service",
        unit: "Id=docker.service\nActiveState=failed\nResult=exit-code\nExecMainStatus=1",
      }),
    },
  },
  bad: {
    "a unit of the app": {
      seen: {
        units: systemd({
          failed: "skriptoteket-mail.service",
          unit: "Id=skriptoteket-mail.service\nActiveState=failed\nResult=exit-code\nExecMainStatus=203\nApp=skriptoteket",
          log: "skriptoteket-mail.service Failed to locate executable /usr/bin/docker: No such file or directory",
        }),
      },
      on: "hemma/skriptoteket/skriptoteket-mail.service",
      says: "Failed to locate executable",
    },
  },
  unmeasurable: { "no systemd": { units: NO_SYSTEMD } },
});

const timer = (own: string, service: string, log = "") =>
  systemd({
    timer: `Id=skriptoteket-cleanup.timer\nLoadState=loaded\nConditionResult=yes\nUnit=skriptoteket-cleanup.service\n${own}`,
    unit: `Id=skriptoteket-cleanup.service\nApp=skriptoteket\nDocker=yes\n${service}`,
    log,
  });
const CLEANUP = "hemma/skriptoteket/skriptoteket-cleanup.timer";
const ON = "ActiveState=active\nUnitFileState=enabled";
const OFF = "ActiveState=inactive\nUnitFileState=enabled";

cases(timerStale, {
  good: {
    "one that does its work": {
      units: timer(
        `${ON}\nLastTriggerUSec=@1795183000\nNextElapseUSecRealtime=@1795186600`,
        "ActiveState=inactive\nResult=success",
      ),
    },
    "one that isn't meant to run here": {
      units: timer(`${OFF}\nConditionResult=no\nConditionTimestampMonotonic=4711`, "ActiveState=inactive\nResult=success"),
    },
  },
  bad: {
    "its last run failed": {
      seen: {
        units: timer(
          `${ON}\nLastTriggerUSec=@1795183000`,
          "ActiveState=failed\nResult=exit-code\nExecMainStatus=1",
          "skriptoteket-cleanup.service No such container: skriptoteket-web",
        ),
      },
      on: CLEANUP,
      says: "No such container",
    },
    "it is enabled and was stopped": {
      seen: { units: timer(`${OFF}\nConditionResult=no\nConditionTimestampMonotonic=0`, "ActiveState=inactive\nResult=success") },
      on: CLEANUP,
      says: "never goes off",
    },
    "its work hangs": {
      seen: { units: timer(`${ON}\nNextElapseUSecRealtime=@1795180000`, "ActiveState=activating\nResult=success") },
      on: CLEANUP,
      says: "has not come to an end",
    },
  },
  unmeasurable: { "no systemd": { units: NO_SYSTEMD } },
});

cases(sshExposure, {
  good: {
    "an account with a password, and keys only": {
      sshd: (said) => `${said.replace("passwordauthentication yes", "passwordauthentication no")}account ops\n`,
    },
    "root has a password, and may not use it": { sshd: (said) => `${said}account root\n` },
    "it listens for this machine alone": {
      sshd: (said) => `${said.replaceAll(/^listenaddress .*$/gm, "listenaddress 127.0.0.1:22")}account ops\n`,
    },
    "there is none": { sshd: "" },
  },
  bad: {
    "an account has one": { seen: { sshd: (said) => `${said}account ops\n` }, on: "hemma", says: "lets ops in by password" },
    "empty ones are all right": {
      seen: { sshd: (said) => said.replace("permitemptypasswords no", "permitemptypasswords yes") },
      on: "hemma",
      says: "empty passwords",
    },
  },
  unmeasurable: { "the user isn't root": { sshd: { exit: 77, stdout: "" } } },
});

const wants = (port: number) =>
  container("skriptoteket-web", () => ({
    state: "created",
    ports: {},
    error: `driver failed programming external connectivity on endpoint skriptoteket-web: Bind for 0.0.0.0:${port} failed: port is already allocated`,
  }));

cases(portBusy, {
  good: {
    "whoever had it is gone": { containers: wants(8888) },
    "another container has it, which ctr.port.busy tells": { containers: wants(80) },
  },
  bad: {
    "a program of the host's has it": {
      seen: {
        containers: container("nginx-proxy", () => ({
          state: "exited",
          ports: {},
          error: "failed to start userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use",
        })),
        listening: 'LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("apache2",pid=711,fd=4))\n',
      },
      on: "hemma/port:80",
      says: "apache2 (pid 711)",
    },
  },
  unmeasurable: { "there is no ss": { listening: { exit: 3, stdout: "", stderr: "there is no ss on it" } } },
});

cases(mtu, {
  good: { "the way out takes more": { mtu: "uplink 9000 eth0\nnetwork 1500 edge-network\n" } },
  bad: {
    "the way out takes less": {
      seen: { mtu: "uplink 1450 eth0\nnetwork 1500 edge-network\n" },
      on: "hemma/network:edge-network",
      says: "eth0 takes 1450",
    },
  },
  unmeasurable: { "no default route": { mtu: { exit: 3, stdout: "", stderr: "it has no default route" } } },
});
