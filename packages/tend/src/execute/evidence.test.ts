import { describe, expect, test } from "vitest";
import { clean, firstErrors } from "./evidence.ts";
import { knownTrouble } from "./known-trouble.ts";

const lines = (text: string) => text.replace(/^\n/, "").split("\n");

describe("the first errors of a log", () => {
  test("of Node: the throw, not the lines of the stack", () => {
    const log = `
> skriptoteket@1.0.0 start
> node src/main.ts

listening soon
file:///app/src/config.ts:7
    throw new Error("DATABASE_URL is not set");
          ^

Error: DATABASE_URL is not set
    at readConfig (file:///app/src/config.ts:7:11)
    at main (file:///app/src/main.ts:12:18)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)

Node.js v24.21.0`;
    expect(firstErrors(log)).toContain("Error: DATABASE_URL is not set");
    expect(firstErrors(log).length).toBeLessThanOrEqual(5);
  });

  test("of Python: the exception that ends the traceback is among them", () => {
    const log = `
INFO:     Started server process [7]
INFO:     Waiting for application startup.
Traceback (most recent call last):
  File "/app/.venv/lib/python3.13/site-packages/sqlalchemy/engine/base.py", line 1964, in _exec_single_context
    self.dialect.do_execute(
  File "/app/src/skriptoteket/main.py", line 31, in lifespan
    await check_schema(engine)
sqlalchemy.exc.ProgrammingError: (psycopg.errors.UndefinedTable) relation "sandbox_snapshots" does not exist
LINE 1: SELECT id FROM sandbox_snapshots
INFO:     Application startup failed. Exiting.`;
    const errors = firstErrors(log);
    expect(errors[0]).toBe("Traceback (most recent call last):");
    expect(errors.join("\n")).toContain('relation "sandbox_snapshots" does not exist');
  });

  test("of Phoenix: the error line of its logger, with the module that is missing", () => {
    const log = `
12:03:07.001 [info] Migrations already up
12:03:07.442 [error] Postgrex.Protocol (#PID<0.2031.0>) failed to connect: ** (Postgrex.Error) FATAL 28P01 (invalid_password) password authentication failed for user "legal"
12:03:08.117 [notice] Application legal exited: shutdown`;
    expect(firstErrors(log)[0]).toContain("failed to connect: ** (Postgrex.Error) FATAL 28P01");
  });

  test("of JSON lines: what has an error's level, reduced to what a person reads", () => {
    const log = [
      '{"level":"info","event":"started","message":"errors are reported here"}',
      '{"level":"error","event":"request_failed","message":"GET /health","error":"connection refused","correlation_id":"c1"}',
      '{"level":50,"msg":"pino speaks in numbers"}',
      '{"severity":"CRITICAL","message":"structlog shouts"}',
    ].join("\n");
    expect(firstErrors(log)).toEqual([
      "request_failed  GET /health  connection refused",
      "pino speaks in numbers",
      "structlog shouts",
    ]);
  });

  test("of BuildKit: the step that failed", () => {
    const log = `
#8 [web 4/6] RUN npm ci
#8 2.113 npm warn deprecated inflight@1.0.6
#8 9.871 npm error code ENOSPC
#8 9.872 npm error nospc ENOSPC: no space left on device, write
#8 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1`;
    expect(firstErrors(log)[0]).toBe("#8 9.871 npm error code ENOSPC");
    expect(knownTrouble(log)).toMatchObject({ id: "disk.full" });
  });

  test("leaves out lines that count no errors", () => {
    expect(firstErrors("compiled with 0 errors\nerror_log /dev/stderr\nfatal: not a git repository")).toEqual([
      "fatal: not a git repository",
    ]);
  });

  test("are at most five, the first ones", () => {
    const log = Array.from({ length: 30 }, (_, at) => `error ${at}`).join("\n");
    expect(firstErrors(log)).toEqual(["error 0", "error 1", "error 2", "error 3", "error 4"]);
  });

  test("are not said twice", () => {
    expect(firstErrors("Error: no such container\nError: no such container\n")).toEqual(["Error: no such container"]);
  });

  test("are its last lines where none looks like trouble", () => {
    expect(firstErrors(lines("\none\ntwo\nthree\n\nfour\nfive\nsix\n").join("\n"))).toEqual([
      "two",
      "three",
      "four",
      "five",
      "six",
    ]);
  });

  test("are none where nothing was printed", () => {
    expect(firstErrors("\n \n")).toEqual([]);
  });

  test("keep no secret", () => {
    expect(firstErrors("error: connect to postgresql://web:hunter2@db failed").join()).not.toContain("hunter2");
  });
});

describe("trouble that looks alike everywhere is known", () => {
  test.each([
    ["write /var/lib/docker/tmp/x: no space left on device", "disk.full"],
    [
      "Error response from daemon: Head https://registry.example/v2/web/manifests/1: no basic auth credentials",
      "registry.denied",
    ],
    [
      "Error response from daemon: pull access denied for web, repository does not exist or may require 'docker login'",
      "registry.denied",
    ],
    ["unauthorized: authentication required", "registry.denied"],
    ["denied: requested access to the resource is denied", "registry.denied"],
    ["Error response from daemon: manifest for registry.example/web:9 not found: manifest unknown", "registry.tag-missing"],
    ["toomanyrequests: You have reached your pull rate limit", "registry.limit"],
    ["dial tcp: lookup registry.example on 127.0.0.53:53: no such host", "registry.unreachable"],
    ["dial tcp 10.0.0.9:443: i/o timeout", "registry.unreachable"],
    ["driver failed programming external connectivity: Bind for 0.0.0.0:80 failed: port is already allocated", "port.busy"],
    ["listen EADDRINUSE: address already in use :::8000", "port.busy"],
  ])("%s", (output, id) => {
    expect(knownTrouble(output)).toMatchObject({ id, why: expect.any(String) });
  });

  test.each(['relation "tools" does not exist', "SQLITE_ERROR: no such table: tools", "no such column: tools.rank"])(
    "%s: the code is ahead of the schema",
    (output) => {
      expect(knownTrouble(output).why).toContain("no applied migration");
    },
  );

  test.each(["listening on port 4010", "GET /tools/401 200 in 3 ms", "sha256:4019f0c8a6401e2b done", "all is well"])(
    "%s: nothing is known",
    (output) => {
      expect(knownTrouble(output)).toEqual({});
    },
  );
});

describe("a registry is called by its name", () => {
  const refused = "Error response from daemon: unauthorized: authentication required";
  test.each([
    ["as the message has it", 'Head "http://10.0.0.1:5000/v2/web/manifests/1": no basic auth credentials', [], "10.0.0.1:5000"],
    ["Docker Hub by the name that one logs in to", 'Get "https://registry-1.docker.io/v2/": unauthorized', [], "docker.io"],
    ["by the images that were asked for", refused, ["ghcr.io/acme/web:1"], "ghcr.io"],
    ["or by each that it may be", refused, ["ghcr.io/acme/web:1", "electricsql/electric:1.4"], "ghcr.io or docker.io"],
  ])("%s", (_, output, images, registry) => {
    expect(knownTrouble(output, { images })).toMatchObject({
      id: "registry.denied",
      why: expect.stringContaining(`the registry ${registry} refused`),
      help: `on the host: docker login ${registry}`,
    });
  });

  test("when it doesn't answer, and when it has no such tag", () => {
    expect(knownTrouble('Get "http://10.0.0.1:5000/v2/": dial tcp 10.0.0.1:5000: connect: connection refused')).toMatchObject({
      why: "the registry 10.0.0.1:5000 doesn't answer the host",
      help: "on the host: curl -i http://10.0.0.1:5000/v2/",
    });
    expect(knownTrouble("manifest for 10.0.0.1:5000/web:9 not found: manifest unknown")).toMatchObject({
      why: "the registry 10.0.0.1:5000 has no web:9: was it pushed?",
    });
  });

  test("an app that was refused by something else says so in its own log", () => {
    expect(knownTrouble("error: dial tcp 10.0.0.7:5432: connect: connection refused", { log: true })).toEqual({});
    expect(knownTrouble("401 unauthorized: authentication required by the mail server", { log: true })).toEqual({});
  });
});

describe("a line of foreign output", () => {
  test("can't restyle the terminal, move its cursor or turn the direction of text", () => {
    expect(clean("\u001b[31mred\u001b[0m \u001b]0;title\u0007\u202Eback\u2066\rover\u0000\tend")).toBe("red backover end");
  });

  test("is cut where it is very long", () => {
    expect(clean("x".repeat(1000))).toHaveLength(300);
  });
});
