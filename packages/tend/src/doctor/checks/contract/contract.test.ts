import { describe, expect, test } from "vitest";
import { cases, judged, YAML } from "../../testing.ts";
import { contractKept } from "./kept.ts";

const declared = `${YAML}\ncontract: default\n`;

/** What the host's script says of one app. */
function answer(compose: string, config: object, app = "skriptoteket"): string {
  const part = (head: string, text: string) => `${head}\n${Buffer.from(text).toString("base64")}\n.\n`;
  return `app ${app}\n${part("config", JSON.stringify(config))}${part("image skriptoteket-web", 'node|["CMD"]')}${part("given", "compose.prod.yaml\n")}${part("file compose.prod.yaml", compose)}`;
}

const COMPOSE = `services:
  web:
    build: .
    environment:
      SESSION_SECRET: kept-in-the-file-9
`;
const KEPT = {
  image: "skriptoteket-web",
  build: { context: "/srv" },
  mem_limit: "536870912",
  restart: "always",
  logging: { driver: "local" },
  networks: { "edge-network": null },
};
const networks = { "edge-network": { name: "edge-network", external: true } };
const kept = answer("services:\n  web:\n    build: .\n", { services: { web: KEPT }, networks });

cases(contractKept, {
  yaml: declared,
  good: {
    "everything is kept": { contracts: kept },
    "Compose refuses the files, which is compose.invalid's to say": {
      contracts: `app skriptoteket\ntrouble\n${Buffer.from("yaml: line 3: mapping values are not allowed").toString("base64")}\n.\n`,
    },
  },
  bad: {
    "no memory limit": {
      seen: {
        contracts: answer("services:\n  web:\n    build: .\n", {
          services: { web: { ...KEPT, mem_limit: undefined } },
          networks,
        }),
      },
      on: "hemma/skriptoteket",
      says: "compose.prod.yaml:2:3  error[contract.memory]: web has no memory limit",
    },
    "a secret in the file": {
      seen: { contracts: answer(COMPOSE, { services: { web: KEPT }, networks }) },
      on: "hemma/skriptoteket",
      says: "compose.prod.yaml:5:7  error[contract.secrets]: SESSION_SECRET of web has its value in the file",
    },
  },
  unmeasurable: {
    "docker isn't there": { contracts: { exit: 127, stdout: "", stderr: "sh: docker: not found" } },
    "it takes too long": { contracts: { exit: 124, stdout: "" } },
  },
});

describe("the contract in doctor", () => {
  test("is nobody's who declares none", () => {
    expect(judged(contractKept, { contracts: kept }).counts).toMatchObject({ pass: 0, fail: 0 });
  });

  test("tells the secret's place, and never its value", () => {
    const seen = judged(contractKept, { contracts: answer(COMPOSE, { services: { web: KEPT }, networks }) }, declared);
    expect(JSON.stringify(seen)).not.toContain("kept-in-the-file");
  });
});
