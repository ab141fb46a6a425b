import { describe, expect, test } from "vitest";
import { Failure } from "../model/failure.ts";
import { parseFleet } from "./parse-fleet.ts";
import { appWith, problemsOf } from "./testing.ts";

const app = `
compose: [compose.yaml, compose.prod.yaml]
env: { MODE: prod, LOG: json }
source: { image: registry.example/web, tag: { env: TAG } }
services:
  web: { route: { domain: web.example }, probe: /health, deadline: 30 }
  worker: { role: single-writer }
environments:
  dev:
    path: ./dev
    compose: compose.yaml
    env: { MODE: dev }
    source: { git: develop }
    services:
      web: { route: null, probe: { path: /health, status: 401 } }
      worker: null
      extra:
  tagged:
    source: { tag: { env: OTHER_TAG } }
`;

describe("an environment", () => {
  test("is not in force unless it is asked for", () => {
    expect(appWith(app)).toMatchObject({ environment: undefined, path: "/home/me", env: { MODE: "prod", LOG: "json" } });
  });

  test("merges maps, replaces the rest and takes away by an empty value", () => {
    const dev = appWith(app, "dev");
    expect(dev).toMatchObject({
      environment: "dev",
      path: "/home/me/dev",
      compose: ["compose.yaml"],
      env: { MODE: "dev", LOG: "json" },
      source: { kind: "git", branch: "develop" },
    });
    expect(dev.services.map(({ name }) => name)).toEqual(["web", "extra"]);
    expect(dev.services[0]).toMatchObject({
      role: "worker",
      route: undefined,
      probe: { path: "/health", status: 401 },
      deadline: 30,
    });
  });

  test("changes a part of the source, when the kind stays", () => {
    expect(appWith(app, "tagged").source).toMatchObject({
      kind: "images",
      tags: new Map([
        ["web", "OTHER_TAG"],
        ["worker", "OTHER_TAG"],
      ]),
    });
  });

  test("can say more about services that are only listed", () => {
    const text = "services: [web, worker]\nenvironments:\n  dev: { services: { worker: { deadline: 5 } } }\n";
    expect(appWith(text, "dev").services.map(({ name, deadline }) => [name, deadline])).toEqual([
      ["web", 60],
      ["worker", 5],
    ]);
  });

  test("leaves apps alone that don't declare it", () => {
    const text =
      "fleet: home\nhosts: { here: local }\napps:\n  one: { host: here, path: one }\n  two: { host: here, path: two, environments: { dev: { path: dev } } }\n";
    const apps = [...parseFleet(text, "/x/tend.yaml", "dev").apps.values()];
    expect(apps.map(({ environment, path }) => [environment, path])).toEqual([
      [undefined, "/x/one"],
      ["dev", "/x/dev"],
    ]);
  });

  test("is checked even when it isn't asked for, and reported once, on its own lines", () => {
    const text =
      "fleet: home\nhosts: { here: local }\napps:\n  web:\n    host: here\n    path: .\n    runtme: x\n    environments:\n      a: { host: hree }\n      b: { path: b }\n";
    expect(problemsOf(text).problems.map(({ line, column, title }) => [line, column, title])).toEqual([
      [7, 5, 'unknown key "runtme" in apps.web'],
      [9, 18, 'unknown host "hree" in apps.web.environments.a'],
    ]);
  });

  test("that nobody declares is refused with the names that are", () => {
    const ask = () => appWith(app, "dve");
    expect(ask).toThrow(Failure);
    expect(ask).toThrow(
      expect.objectContaining({ parts: expect.objectContaining({ why: "declared: dev, tagged", help: "did you mean dev?" }) }),
    );
    expect(() => appWith("", "dev")).toThrow(
      expect.objectContaining({ parts: expect.objectContaining({ why: "the declaration has no environments" }) }),
    );
  });
});
