import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DEFAULT_CONTRACT, NO_CONTRACT } from "../model/contract.ts";
import { ConfigFailure } from "./failure.ts";
import { loadFleet } from "./load.ts";
import { parseFleet } from "./parse-fleet.ts";
import { problemsOf } from "./testing.ts";

const HEAD = "fleet: home\nhosts: { far: { ssh: far } }\n";
function contractOf(app: string, fleet = "", read?: (path: string) => string, environment?: string) {
  const text = `${HEAD}${fleet}apps:\n  web: { host: far, path: ~/web, services: [web, agent]${app} }\n`;
  return parseFleet(text, "/home/me/tend.yaml", environment, "tend.yaml", read).apps.get("web" as never)?.contract;
}

describe("a contract", () => {
  test("is none, unless it is declared", () => expect(contractOf("")).toBeUndefined());

  test("is the default one, for the fleet or an app", () => {
    expect(contractOf(", contract: default")).toEqual(DEFAULT_CONTRACT);
    expect(contractOf("", "contract: default\n")).toEqual(DEFAULT_CONTRACT);
    expect(contractOf(", contract: none", "contract: default\n")).toEqual(NO_CONTRACT);
  });

  test("of an app says what differs from the fleet's, and that from the default one", () => {
    const fleet = "contract: { memory: 2g, socket: off, tags: { need: exact, severity: warning }, labels: [platform.owner] }\n";
    const contract = contractOf(", contract: { memory: warning, socket: required, restart: [always], user: off }", fleet);
    expect(contract?.rules).toEqual({
      ...DEFAULT_CONTRACT.rules,
      memory: { severity: "warning", most: 2 * 1024 ** 3 },
      tags: { severity: "warning", need: "exact" },
      labels: { severity: "error", need: ["platform.owner"], on: "routed" },
      restart: { severity: "warning", allow: ["always"] },
      user: undefined,
    });
  });

  test("may begin with nothing", () => {
    expect(contractOf(", contract: { base: none, ports: all }")?.rules).toEqual({ ports: { severity: "error", closed: "all" } });
  });

  test("takes sizes, words and maps", () => {
    const rules = contractOf(
      ", contract: { base: none, logs: { most: 100m }, network: [proxy, back], user: declared, secrets: info }",
    )?.rules;
    expect(rules).toEqual({
      logs: { severity: "warning", most: 100 * 1024 ** 2 },
      network: { severity: "error", need: ["proxy", "back"] },
      user: { severity: "warning", need: "declared" },
      secrets: { severity: "info" },
    });
  });

  test("lets services off, the fleet's and the app's", () => {
    const fleet = "contract: { except: [{ service: [agent, x], rule: [socket, user], because: it watches }] }\n";
    const contract = contractOf(", contract: { except: [{ service: web, rule: tags, because: built elsewhere }] }", fleet);
    expect(contract?.except).toEqual([
      { services: ["agent", "x"], rules: ["socket", "user"], because: "it watches" },
      { services: ["web"], rules: ["tags"], because: "built elsewhere" },
    ]);
  });

  test("differs by environment", () => {
    const app = ", contract: default, environments: { dev: { contract: none } }";
    expect(contractOf(app)).toEqual(DEFAULT_CONTRACT);
    expect(contractOf(app, "", undefined, "dev")).toEqual(NO_CONTRACT);
  });

  test("is nobody's whose app is no compose app", () => {
    const text = `${HEAD}contract: default\napps: { web: { host: far, path: ~/w, runtime: process, source: { git: main }, services: { web: { run: node x, port: 80 } } } }\n`;
    expect(parseFleet(text, "/tend.yaml").apps.get("web" as never)?.contract).toBeUndefined();
  });

  test("with an unknown service among its exceptions is a mistake", () => {
    const text = `${HEAD}apps:\n  web:\n    host: far\n    path: ~/web\n    services: { web: { compose: app } }\n    contract:\n      except: [{ service: apq, rule: user, because: it is measured }]\n`;
    expect(problemsOf(text).text).toContain('tend.yaml:9:27  error[config]: unknown service "apq" in apps.web.contract.except');
    expect(problemsOf(text).text).toContain('did you mean "app"?');
  });
});

describe("a contract in a file of its own", () => {
  const file = (text: string) => (path: string) => {
    expect(path).toBe("/home/me/contracts/homelab.yaml");
    return text;
  };
  const APP = ", contract: ./contracts/homelab.yaml";

  test("is read beside the declaration, and called by its name", () => {
    const contract = contractOf(APP, "", file("base: none\nmemory: 1g\n"));
    expect(contract).toEqual({
      from: "./contracts/homelab.yaml",
      rules: { memory: { severity: "error", most: 1024 ** 3 } },
      except: [],
    });
  });

  test("can be changed by an app", () => {
    const contract = contractOf(
      ", contract: { base: ./contracts/homelab.yaml, tags: off }",
      "",
      file("base: none\nmemory: 1g\ntags: exact\n"),
    );
    expect(contract?.rules).toEqual({ memory: { severity: "error", most: 1024 ** 3 } });
  });

  test("shows its mistakes with its own lines", () => {
    const wrong = (text: string) => {
      try {
        contractOf(APP, "", file(text));
      } catch (error) {
        if (error instanceof ConfigFailure) return error.text;
      }
      return "nothing is wrong";
    };
    expect(wrong("memory: 1g\ntags: pined\n")).toBe(
      'contracts/homelab.yaml:2:7  error[config]: tags can\'t be "pined"\n    2 | tags: pined\n      |       ^^^^^ did you mean "pinned"?',
    );
    expect(wrong("memory: [\n")).toContain("contracts/homelab.yaml:2:1  error[config]: not YAML");
    expect(wrong("- memory\n")).toContain("contracts/homelab.yaml:1:1");
    expect(wrong("base: ./other.yaml\n")).toContain("expected base: default or base: none");
    expect(wrong("\n")).toContain(
      'tend.yaml:4:68  error[config]: the contract "./contracts/homelab.yaml" can\'t be read in apps.web',
    );
  });

  test("is found by its path from the declaration", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tend-contract-"));
    try {
      writeFileSync(join(folder, "tend.yaml"), `${HEAD}contract: ./own.yaml\napps: { web: { host: far, path: ~/web } }\n`);
      await expect(loadFleet({ cwd: folder })).rejects.toThrow(ConfigFailure);
      writeFileSync(join(folder, "own.yaml"), "base: none\nsocket: required\n");
      expect((await loadFleet({ cwd: folder })).apps.get("web" as never)?.contract?.rules).toEqual({
        socket: { severity: "error" },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
