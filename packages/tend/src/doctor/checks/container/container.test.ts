import { cases, container } from "../../testing.ts";
import { healthLocalhost, healthNone, healthTool } from "./health.ts";
import { limits, logRotation, privileged, restartPolicy, runsAsRoot, socket } from "./settings.ts";
import { unhealthy } from "./unhealthy.ts";

const WEB = "302c9456d44af71e9bebae118b06cacb4352813f6bf144b4506fa738a183a592";
const refusing = {
  containers: { exit: 1, stdout: "", stderr: "permission denied while trying to connect to the Docker daemon socket" },
};
const unmeasurable = { "the engine refuses": refusing };

/** The web container with a health check and what it came to. */
const probed = (test: readonly string[], exit: number, output: string, status = "unhealthy") =>
  container("skriptoteket-web", () => ({
    check: { Test: test, Interval: 2e9, Retries: 3 },
    health: {
      Status: status,
      FailingStreak: status === "unhealthy" ? 4 : 0,
      Log: [{ Start: "2026-11-20T13:54:00Z", ExitCode: exit, Output: output }],
    },
  }));
const web = (fields: Record<string, unknown>) => ({ containers: container("skriptoteket-web", () => fields) });
const proxy = (fields: Record<string, unknown>) => ({ containers: container("nginx-proxy", () => fields) });

cases(unhealthy, {
  good: {
    "still starting": { containers: probed(["CMD", "node", "check.ts"], 1, "not yet", "starting") },
    "stopped: another check's business": web({ state: "exited", health: { Status: "unhealthy", FailingStreak: 9, Log: [] } }),
  },
  bad: {
    "its probe fails": {
      seen: { containers: probed(["CMD", "node", "check.ts"], 1, "connect ECONNREFUSED 127.0.0.1:8000") },
      on: "hemma/skriptoteket/web",
      says: "ECONNREFUSED",
    },
    "the database that the app uses": {
      seen: {
        containers: container("shared-postgres", () => ({
          health: {
            Status: "unhealthy",
            FailingStreak: 15,
            Log: [{ Start: "2026-11-20T13:54:00Z", ExitCode: 2, Output: "no response" }],
          },
        })),
      },
      on: "hemma/shared-postgres",
      says: "no response",
    },
    "with the first error of its log": {
      seen: {
        containers: probed(["CMD", "node", "check.ts"], 1, "503"),
        trouble: `= ${WEB}\nlog|listening\nlog|Error: relation "users" does not exist\nlog|GET / 500\n`,
      },
      on: "hemma/skriptoteket/web",
      says: 'relation "users" does not exist',
    },
  },
  unmeasurable,
});

cases(healthTool, {
  good: {
    "the service refuses": { containers: probed(["CMD", "node", "check.ts"], 1, "connect ECONNREFUSED 127.0.0.1:8000") },
    "the page isn't there": {
      containers: probed(["CMD", "wget", "-q", "http://127.0.0.1:8000/x"], 1, "server returned 404 Not Found"),
    },
    "the program is there and misses a file of its own": {
      containers: probed(["CMD", "node", "check.ts"], 1, "Error: ENOENT: no such file or directory, open '/app/x'"),
    },
  },
  bad: {
    "the engine finds no curl": {
      seen: {
        containers: probed(
          ["CMD", "curl", "-f", "http://localhost:8000/health"],
          -1,
          'OCI runtime exec failed: exec failed: unable to start container process: exec: "curl": executable file not found in $PATH: unknown',
        ),
        trouble: `= ${WEB}\nlog|listening on 8000\ntool|node\ntool|bash\n`,
      },
      on: "hemma/skriptoteket/web",
      says: /wants curl.*the image has node, bash/s,
    },
    "the shell finds no curl, and the check goes on to exit 1": {
      seen: { containers: probed(["CMD-SHELL", "curl -f http://localhost:8000 || exit 1"], 1, "/bin/sh: 1: curl: not found\n") },
      on: "hemma/skriptoteket/web",
      says: "wants curl",
    },
    "while it still counts as starting": {
      seen: { containers: probed(["CMD-SHELL", "wget -q http://localhost"], 127, "sh: wget: not found", "starting") },
      on: "hemma/skriptoteket/web",
      says: "wants wget",
    },
  },
  unmeasurable,
});

const WGET = ["CMD", "wget", "-q", "--spider", "http://localhost:8000/health"];
const REFUSED = "wget: can't connect to remote host: Connection refused";
cases(healthLocalhost, {
  good: {
    "it listens on neither": { containers: probed(WGET, 1, REFUSED), trouble: `= ${WEB}\nlog|starting\n` },
    "it listens on both": {
      containers: probed(WGET, 1, REFUSED),
      trouble: `= ${WEB}\ntcp4|00000000:1F40\ntcp6|00000000000000000000000000000000:1F40\n`,
    },
    "it answers, and not well": {
      containers: probed(WGET, 1, "server returned error: 500"),
      trouble: `= ${WEB}\ntcp4|00000000:1F40\n`,
    },
  },
  bad: {
    "it listens on IPv4 alone": {
      seen: { containers: probed(WGET, 1, REFUSED), trouble: `= ${WEB}\ntcp4|00000000:1F40\ntcp4|0B00007F:A2C3\n` },
      on: "hemma/skriptoteket/web",
      says: "listens on IPv4 alone",
    },
  },
  unmeasurable,
});

cases(healthNone, {
  good: { "stopped: there is more to be said": web({ state: "exited", check: null, health: null }) },
  bad: {
    "a routed service": { seen: web({ check: null, health: null }), on: "hemma/skriptoteket/web", says: "has no health check" },
    "switched off": { seen: web({ check: { Test: ["NONE"] } }), on: "hemma/skriptoteket/web", says: "has no health check" },
  },
  unmeasurable,
});

cases(restartPolicy, {
  good: { always: web({ policy: "always" }), "on failure": web({ policy: "on-failure" }) },
  bad: {
    "none on the app": { seen: web({ policy: "no" }), on: "hemma/skriptoteket/web", says: "after a reboot" },
    "none on its proxy": { seen: proxy({ policy: "" }), on: "hemma/nginx-proxy", says: "after a reboot" },
  },
  unmeasurable,
});

cases(logRotation, {
  good: {
    "the local driver rotates by itself": web({ log: { Type: "local", Config: {} } }),
    "the journal keeps it": web({ log: { Type: "journald", Config: null } }),
  },
  bad: {
    "json-file as it is by default": {
      seen: web({ log: { Type: "json-file", Config: {} } }),
      on: "hemma/skriptoteket/web",
      says: "grows until the disk is full",
    },
  },
  unmeasurable,
});

cases(limits, {
  good: { "another's container": { containers: container("nginx-proxy", () => ({ name: "/other", memory: 0 })) } },
  bad: { none: { seen: web({ memory: 0 }), on: "hemma/skriptoteket/web", says: "all of the host's memory" } },
  unmeasurable,
});

cases(runsAsRoot, {
  good: { "by name": web({ user: "node" }) },
  bad: {
    "none declared": { seen: web({ user: "" }), on: "hemma/skriptoteket/web", says: "runs as root" },
    "declared, with a group": { seen: web({ user: "0:1000" }), on: "hemma/skriptoteket/web", says: "user: 0:1000" },
  },
  unmeasurable,
});

const sock = (writable: boolean) => ({
  mounts: [{ Type: "bind", Source: "/var/run/docker.sock", Destination: "/var/run/docker.sock", RW: writable }],
});
cases(socket, {
  good: { "read-only, in the proxy that finds its services by it": proxy(sock(false)) },
  bad: {
    "writable, in an app": { seen: web(sock(true)), on: "hemma/skriptoteket/web", says: "is root on the host" },
    "read-only, in an app": { seen: web(sock(false)), on: "hemma/skriptoteket/web", says: "doesn't limit" },
  },
  unmeasurable,
});

cases(privileged, {
  good: { "a capability that is no more than one": web({ capAdd: ["CAP_NET_BIND_SERVICE"] }) },
  bad: {
    privileged: { seen: web({ privileged: true }), on: "hemma/skriptoteket/web", says: "privileged: true" },
    "a capability that is as much": { seen: web({ capAdd: ["CAP_SYS_ADMIN"] }), on: "hemma/skriptoteket/web", says: "SYS_ADMIN" },
    "the host's processes": { seen: web({ pidMode: "host" }), on: "hemma/skriptoteket/web", says: "pid: host" },
    "the host's network": { seen: web({ networkMode: "host" }), on: "hemma/skriptoteket/web", says: "network_mode: host" },
  },
  unmeasurable,
});
