import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseFleet } from "../config/parse-fleet.ts";
import { DEFAULT_CONTRACT } from "../model/contract.ts";
import { judgementLines } from "../render/contract.ts";
import { judgeHere } from "./here.ts";

const ZOO = join(import.meta.dirname, "../../../../test/compose-zoo");
const GOLDEN = join(import.meta.dirname, "golden/zoo.txt");
const projects = readdirSync(ZOO, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** What a person sees of a project of the zoo under the default contract. */
function shown(project: string): string {
  const compose = project === "split" ? "compose: [compose.yaml, compose.prod.yaml], " : "";
  const text = `fleet: zoo\nhosts: { here: local }\napps: { ${project}: { host: here, ${compose}path: ${project} } }\n`;
  const fleet = parseFleet(text, join(ZOO, "tend.yaml"));
  const [app] = fleet.apps.values();
  if (!app) throw new Error("no app");
  const judged = judgeHere(fleet, app, DEFAULT_CONTRACT, ZOO);
  if ("unread" in judged) throw new Error(judged.unread);
  return judgementLines(project, judged).join("\n");
}

describe("the default contract, on compose files such as people have", () => {
  test("finds these, at these places", async () => {
    await expect(`${projects.map((project) => `=== ${project}\n${shown(project)}\n`).join("")}`).toMatchFileSnapshot(GOLDEN);
  });

  test("never shows a value that is secret", () => {
    const all = projects.map(shown).join("\n");
    for (const secret of ["made-up", "Zk4vR8tP", "mXb3nT8q", "yAnz5TF"]) expect(all).not.toContain(secret);
  });

  test("is kept by the one that was written for a platform with a contract", () => {
    expect(shown("homelab")).toMatch(/✔ homelab: 1 service, as the default contract asks$/);
  });

  test("points at lines that have what is said of them", () => {
    const places = projects.flatMap((project) =>
      shown(project)
        .split("\n")
        .flatMap((line) => (/^\S+:\d+:\d+ {2}/.test(line) ? [line] : [])),
    );
    expect(places.length).toBeGreaterThan(100);
    for (const place of places) {
      const [, file = "", line, column, rule = ""] = /^(\S+?):(\d+):(\d+) {2}\w+\[contract\.(\w+)\]/.exec(place) ?? [];
      const there =
        readFileSync(join(ZOO, file), "utf8")
          .split("\n")
          [Number(line) - 1]?.slice(Number(column) - 1) ?? "";
      expect(there, place).toMatch(LOOKS_LIKE[rule] ?? /^[\w.-]+:/);
    }
  });
});

/** What stands at a finding's place, by rule; else a key: the service's, or the rule's own. */
const LOOKS_LIKE: Readonly<Record<string, RegExp>> = {
  tags: /^image:/,
  ports: /^["']?[\d.:$]/,
  socket: /^\/(:|var\/run)/,
  secrets: /^[A-Za-z_]+[:=]/,
  volumes: /^\//,
  privileged: /^(privileged|network_mode|pid|ipc):/,
};
