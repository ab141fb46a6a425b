import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseFleet } from "./parse-fleet.ts";
import { appWith, problemsOf } from "./testing.ts";

const RECIPIENT = "age1xkqnsrxnzgjx2p7m40pu9t60fkhmg0ervltxs4kr20l359nm2ylq5gdfuj";
const OTHER = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

/** An app named `shop` on a host that is reached by ssh. */
function farApp(lines: string) {
  const head = "fleet: home\nhosts: { far: { ssh: far } }\napps:\n  shop:\n    host: far\n    path: ~/shop\n";
  const [app] = parseFleet(head + lines.replace(/^(?=.)/gm, "    "), "/home/me/tend.yaml").apps.values();
  if (!app) throw new Error("no app");
  return app;
}

describe("a PostgreSQL database", () => {
  test("needs its container only", () => {
    expect(farApp("databases: { main: { postgres: { container: db } } }\n").databases).toEqual([
      { kind: "postgres", name: "main", container: "db", database: "shop", user: "postgres", extensions: [] },
    ]);
  });

  test("has what was declared of it", () => {
    const text =
      "databases: { main: { postgres: { container: shared-postgres, name: legal_prod, user: admin, owner: legal, extensions: [uuid-ossp, citext, citext] } } }\n";
    expect(appWith(text).databases).toEqual([
      {
        kind: "postgres",
        name: "main",
        container: "shared-postgres",
        database: "legal_prod",
        user: "admin",
        owner: "legal",
        extensions: ["uuid-ossp", "citext"],
      },
    ]);
  });
});

describe("a SQLite database", () => {
  const sqlite = (text: string, of = farApp) => of(`databases: { main: { sqlite: ${text} } }\n`).databases[0];

  test("is a file on the host", () => {
    expect(sqlite("/mnt/app.db")).toEqual({ kind: "sqlite", name: "main", path: "/mnt/app.db" });
    expect(sqlite('{ path: ~/x.db, helper: "registry.example:5000/tools/python:3.13-slim" }')).toEqual({
      kind: "sqlite",
      name: "main",
      path: "~/x.db",
      helper: "registry.example:5000/tools/python:3.13-slim",
    });
  });

  test("starts at the declaration on a local host, unless it is in a volume", () => {
    expect(sqlite("data/app.db", appWith)).toMatchObject({ path: "/home/me/data/app.db" });
    expect(sqlite("~/app.db", appWith)).toMatchObject({ path: "~/app.db" });
    for (const of of [farApp, appWith]) {
      expect(sqlite("{ volume: app_data, path: db/app.db }", of)).toMatchObject({ volume: "app_data", path: "db/app.db" });
    }
  });
});

test("files are in a volume or a folder", () => {
  const text = "files: { artifacts: { volume: artifacts_data }, uploads: { path: ~/uploads }, own: { path: own } }\n";
  expect(appWith(text).files).toEqual([
    { kind: "files", name: "artifacts", from: { volume: "artifacts_data" } },
    { kind: "files", name: "uploads", from: { path: "~/uploads" } },
    { kind: "files", name: "own", from: { path: "/home/me/own" } },
  ]);
});

describe("a migration", () => {
  test("is run by the app's only service, before the switch", () => {
    expect(appWith("services: [web]\nmigrate: { run: pdm run db-upgrade }\n").migrate).toEqual({
      at: "deploy",
      service: "web",
      run: ["pdm", "run", "db-upgrade"],
      reversible: false,
    });
  });

  test("has what was declared of it", () => {
    const text =
      "services: [web, worker]\nmigrate: { service: worker, run: up, head: sh -c 'a | b', pending: left, reversible: true }\n";
    expect(appWith(text).migrate).toEqual({
      at: "deploy",
      service: "worker",
      run: ["up"],
      head: ["sh", "-c", "a | b"],
      pending: ["left"],
      reversible: true,
    });
  });

  test("by the app itself needs no command, and no service among several", () => {
    expect(appWith("services: [web, worker]\nmigrate: { at: start }\n").migrate).toEqual({ at: "start", reversible: false });
    expect(appWith("services: [web]\nmigrate: { at: start, head: h }\n").migrate).toMatchObject({ service: "web", head: ["h"] });
  });

  test("of a whole compose project may name a service that nobody here knows", () => {
    expect(appWith("migrate: { service: api, run: up }\n").migrate).toMatchObject({ service: "api" });
    expect(appWith("migrate: { run: up }\n").migrate?.service).toBeUndefined();
  });
});

describe("backups", () => {
  const backups = (text: string, of = farApp) => of(`backups: ${text}\n`).backups;

  test("go to every destination", () => {
    const text =
      "{ to: [~/backups, /srv/b, here:./b, here:~/b, here:/mnt/b, s3://bucket-one, s3://bucket-two/a/b/, { s3: bucket/prefix, endpoint: https://s3.example, region: eu-north-1 }] }";
    expect(backups(text).to).toEqual([
      { kind: "host", folder: "~/backups" },
      { kind: "host", folder: "/srv/b" },
      { kind: "here", folder: "/home/me/b" },
      { kind: "here", folder: join(homedir(), "b") },
      { kind: "here", folder: "/mnt/b" },
      { kind: "s3", bucket: "bucket-one", prefix: "" },
      { kind: "s3", bucket: "bucket-two", prefix: "a/b" },
      { kind: "s3", bucket: "bucket", prefix: "prefix", endpoint: "https://s3.example/", region: "eu-north-1" },
    ]);
  });

  test("go to one, in a folder that starts at the declaration on a local host", () => {
    expect(backups("{ to: b }", appWith).to).toEqual([{ kind: "host", folder: "/home/me/b" }]);
    expect(backups("{ to: { s3: bucket } }").to).toEqual([{ kind: "s3", bucket: "bucket", prefix: "" }]);
  });

  test("to the host and to here are two copies, if the host is another machine", () => {
    expect(backups("{ to: [~/b, here:~/b] }").to).toHaveLength(2);
  });

  test("are kept for as long as they are told to", () => {
    expect(backups("{ keep: all }").keep).toEqual({ kind: "all" });
    expect(backups("{ keep: { daily: 14, monthly: 12 } }").keep).toEqual({
      kind: "some",
      last: 0,
      daily: 14,
      weekly: 0,
      monthly: 12,
    });
  });

  test("are stale after 26 hours, or when it says so", () => {
    expect(backups("{}").stale).toBe(93_600);
    expect(backups("{ stale: 8d }").stale).toBe(691_200);
  });

  test("are encrypted for one recipient or several", () => {
    expect(backups(`{ encrypt: ${RECIPIENT} }`)).toMatchObject({ recipients: [RECIPIENT], identity: undefined });
    const map = `{ encrypt: { to: [${RECIPIENT}, ${OTHER}, ${RECIPIENT}], identity: ~/.config/tend/identity.txt } }`;
    expect(backups(map)).toMatchObject({
      recipients: [RECIPIENT, OTHER],
      identity: join(homedir(), ".config/tend/identity.txt"),
    });
    expect(backups(`{ encrypt: { to: ${OTHER}, identity: keys/id.txt } }`).identity).toBe("/home/me/keys/id.txt");
  });

  test("for a post-quantum recipient", () => {
    const hybrid = `age1pq1${"q".repeat(1952)}`;
    expect(backups(`{ encrypt: ${hybrid} }`).recipients).toEqual([hybrid]);
  });
});

describe("a secret is not repeated", () => {
  test.each([
    ["an identity", "{ encrypt: AGE-SECRET-KEY-1QQQSYQCYQ5 }", "QQQSYQCYQ5"],
    ["an identity as a file", "{ encrypt: { to: age1, identity: age-secret-key-1qqqsyqcyq5 } }", "qqqsyqcyq5"],
    ["an identity as a destination", "{ to: 7AGE-SECRET-KEY-1QQQSYQCYQ5, stale: x }", "QQQSYQCYQ5"],
    ["a login", '{ to: "s3://AKIAEXAMPLE:wJalr/XUt+nFEMI@bucket" }', "nFEMI"],
    ["a login in a map", "{ to: { s3: AKIAEXAMPLE:wJalr/XUt+nFEMI@bucket } }", "nFEMI"],
  ])("%s", (_, text, secret) => {
    const head = "fleet: home\nhosts: { far: { ssh: far } }\napps:\n  web:\n    host: far\n    path: ~/web\n    backups: ";
    const failure = problemsOf(head + text);
    expect([failure.text, JSON.stringify(failure.parts)].join("\n")).not.toContain(secret);
  });
});
