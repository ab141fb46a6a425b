import { describe, expect, test } from "vitest";
import { appWith } from "./testing.ts";

const app = `
services: [web, worker]
databases:
  main: { postgres: { container: db, extensions: [citext] } }
files: { up: { volume: up } }
migrate: { service: web, run: up, pending: left }
backups: { to: [~/backups, s3://bucket/prod], keep: { daily: 7 } }
environments:
  part:
    databases: { main: { postgres: { name: web_staging } } }
    migrate: { service: worker }
    backups: { to: ~/b, keep: { weekly: 4 } }
  kind:
    databases: { main: { sqlite: dev.db, postgres: null }, more: { sqlite: more.db } }
    files: { up: { path: up } }
    migrate: { at: start }
    backups: { keep: all }
  none: { databases: null, files: { up: null }, migrate: null, backups: null }
`;

describe("an environment's databases, files, migration and backups", () => {
  test("may differ in a part", () => {
    const { databases, migrate, backups } = appWith(app, "part");
    expect(databases).toMatchObject([{ container: "db", database: "web_staging", extensions: ["citext"] }]);
    expect(migrate).toMatchObject({ service: "worker", run: ["up"] });
    expect(backups).toMatchObject({ to: [{ kind: "host", folder: "~/b" }], keep: { daily: 7, weekly: 4 } });
  });

  test("may be of another kind, of which the app's then keeps nothing", () => {
    const { databases, files, migrate, backups } = appWith(app, "kind");
    expect(databases).toEqual([
      { kind: "sqlite", name: "main", path: "/home/me/dev.db" },
      { kind: "sqlite", name: "more", path: "/home/me/more.db" },
    ]);
    expect(files).toEqual([{ kind: "files", name: "up", from: { path: "/home/me/up" } }]);
    expect(migrate).toEqual({ at: "start", reversible: false });
    expect(backups).toMatchObject({ keep: { kind: "all" }, to: [{ kind: "host" }, { kind: "s3" }] });
  });

  test("may be none", () => {
    const none = appWith(app, "none");
    expect(none).toMatchObject({ databases: [], files: [], migrate: undefined });
    expect(none.backups).toEqual(appWith("").backups);
  });

  test("may be migrated by a command where the app does it by itself", () => {
    const text = "services: [web]\nmigrate: { at: start, head: h }\nenvironments:\n  dev: { migrate: { run: up } }\n";
    expect(appWith(text, "dev").migrate).toEqual({ at: "deploy", service: "web", run: ["up"], reversible: false });
  });
});
