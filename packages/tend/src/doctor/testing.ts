import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseFleet } from "../config/parse-fleet.ts";
import type { HostName } from "../model/names.ts";
import type { Seen as Answer } from "../observe/observe.ts";
import type { Check } from "./check.ts";
import { type Facts, type Measured, type PartName, parts, seenOf } from "./facts/index.ts";
import type { HostPart, Part } from "./facts/part.ts";
import type { Finding } from "./finding.ts";
import { understood } from "./gather.ts";
import { type Diagnosis, judge } from "./judge.ts";
import type { Scene } from "./scene.ts";

/**
 * For tests: facts that differ from those of a healthy host. A host's part takes a changed answer: what it printed, or a
 * function of what was recorded, or a whole answer with exit and stderr. A part that is looked for from here takes its value.
 */
export type Changes = {
  readonly [K in PartName]?: string | ((recorded: string) => string) | Partial<Answer> | { readonly value: unknown };
};

/** What a check is held to. */
export interface Cases {
  /** As a healthy host is, but for these. At least one; it passes, and is no finding. */
  readonly good: Readonly<Record<string, Changes>>;
  /** Each has to be found on this subject, with evidence; `says` is in the title, the evidence or the cause. */
  readonly bad: Readonly<Record<string, { readonly seen: Changes; readonly on: string; readonly says: string | RegExp }>>;
  /** What keeps it from being measured: it is `unknown`, never red, never green. Or, where it never needs a fact that can be missing: why. */
  readonly unmeasurable: Readonly<Record<string, Changes>> | string;
  /** The declaration, where the healthy host's isn't the one. */
  readonly yaml?: string;
}

const RECORDED = join(import.meta.dirname, "facts/recorded");
/** The host that the recorded answers are of: skriptoteket's, in the lab. */
export const YAML: string = readFileSync(join(RECORDED, "tend.yaml"), "utf8");
const AT = new Date(readFileSync(join(RECORDED, "at"), "utf8").trim());

export function sceneOf(yaml: string = YAML): Scene {
  const fleet = parseFleet(yaml, "/home/me/tend.yaml");
  const [host] = fleet.hosts.values();
  if (!host) throw new Error("no host");
  return { fleet, host, now: AT, apps: [...fleet.apps.values()].filter((app) => app.host === (host.name as HostName)) };
}

/** Facts as they come from recorded answers, changed. */
export function factsOf(changes: Changes = {}, scene: Scene = sceneOf()): Facts {
  const all: Readonly<Record<string, Part<unknown>>> = parts;
  const facts = Object.entries(all).map(([name, part]): [string, Measured] => {
    const recorded = JSON.parse(readFileSync(join(RECORDED, `${name}.json`), "utf8")) as { answer?: Answer; value?: unknown };
    const change = changes[name as PartName];
    if (typeof change === "object" && "value" in change) return [name, { value: change.value }];
    if (part.at === "here" || (!recorded.answer && change === undefined)) return [name, { value: recorded.value }];
    // A part whose answers have secrets in them has none recorded: its cases bring their own.
    const answer = recorded.answer ?? { exit: 0, stdout: "", stderr: "" };
    return [name, understood(part as HostPart<unknown>, changed(answer, change), scene)];
  });
  return { ...Object.fromEntries(facts), reach: { value: { via: "hemma-local" } } } as Facts;
}

function changed(answer: Answer, change: Exclude<Changes[PartName], { readonly value: unknown }>): Answer {
  if (change === undefined) return answer;
  if (typeof change === "string") return { ...answer, stdout: change };
  if (typeof change === "function") return { ...answer, stdout: change(answer.stdout) };
  return { ...answer, ...change };
}

/** What one check makes of such facts. */
export function judged(check: Check, changes: Changes = {}, yaml?: string): Diagnosis {
  const scene = sceneOf(yaml);
  return judge([check], seenOf(factsOf(changes, scene)), scene, { hardening: true });
}

/** The contract of every check: what is well passes, what isn't is found, and what can't be measured is neither. */
export function cases(check: Check, held: Cases): void {
  describe(check.id, () => {
    test.each(["as recorded", ...Object.keys(held.good)])("nothing is found: %s", (name) => {
      const { findings, crashed, unknown } = judged(check, held.good[name], held.yaml);
      expect({ findings, crashed, unknown }).toEqual({ findings: [], crashed: [], unknown: [] });
    });
    test.each(Object.keys(held.bad))("is found: %s", (name) => {
      const { seen, on, says } = held.bad[name] as Cases["bad"][string];
      const { findings, crashed, unknown } = judged(check, seen, held.yaml);
      expect({ crashed, unknown }).toEqual({ crashed: [], unknown: [] });
      expect(findings.map((finding) => finding.subject)).toContain(on);
      const finding = findings.find((one) => one.subject === on) as Finding;
      expect(finding.id).toBe(check.id);
      expect(finding.evidence.length, "it has evidence").toBeGreaterThan(0);
      expect([finding.title, finding.cause, ...finding.evidence].join("\n")).toMatch(says);
      expect(finding.fix.class === "safe" ? (finding.fix.commands?.length ?? 0) : 1, "a safe fix can be done").toBeGreaterThan(0);
    });
    const { unmeasurable } = held;
    if (typeof unmeasurable === "string") return;
    test.each(Object.keys(unmeasurable))("is unknown, and no finding: %s", (name) => {
      const { findings, crashed, unknown } = judged(check, unmeasurable[name], held.yaml);
      expect({ findings, crashed }).toEqual({ findings: [], crashed: [] });
      expect(unknown.map((one) => one.id)).toEqual([check.id]);
    });
  });
}

/** Changes one container in the recorded answer; the others stay. Fields as `docker inspect` has them in FORMAT. */
export function container(
  name: string,
  change: (raw: Record<string, unknown>) => Record<string, unknown>,
): (recorded: string) => string {
  return (recorded) =>
    recorded
      .split("\n")
      .map((line) => {
        if (line === "") return line;
        const raw = JSON.parse(line) as Record<string, unknown>;
        return raw["name"] === `/${name}` ? JSON.stringify({ ...raw, ...change(raw) }) : line;
      })
      .join("\n");
}
