import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checks } from "./index.ts";

const ids = new Set(checks.map((check) => check.id));
const held = globSync("*/*.test.ts", { cwd: import.meta.dirname })
  .map((file) => readFileSync(join(import.meta.dirname, file), "utf8"))
  .join("\n");

describe("every check", () => {
  test("has an id of its own", () => {
    expect(ids.size).toBe(checks.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(\.[a-z][a-z0-9-]*)+$/);
  });

  test.each(checks.map((check) => [check.id, check] as const))(
    "%s says what it finds, why that matters and how it is mended",
    (_, check) => {
      expect(check.finds).toMatch(/^[a-zA-Z][^\n]{8,120}[^.\n]$/);
      expect(check.about).toMatch(/\.$/);
      expect(check.remedy.length).toBeGreaterThan(20);
    },
  );

  test("refers to others that there are", () => {
    const named = checks.flatMap(({ needs = [], follows = [] }) => [...needs, ...follows]);
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
  });

  test("follows from others without going round in circles", () => {
    const circles = checks.filter(({ id }) => {
      const seen = new Set<string>();
      const causes = (of: string): boolean =>
        (checks.find((check) => check.id === of)?.follows ?? []).some(
          (cause) => cause === id || (!seen.has(cause) && seen.add(cause) && causes(cause)),
        );
      return causes(id);
    });
    expect(circles.map((check) => check.id)).toEqual([]);
  });

  test("is held to its cases in the test of its area", () => {
    const exported = globSync("*/*.ts", { cwd: import.meta.dirname }).filter((file) => !file.endsWith(".test.ts"));
    const lonely = exported.filter((file) => {
      const names = [...readFileSync(join(import.meta.dirname, file), "utf8").matchAll(/export const (\w+) = defineCheck/g)].map(
        ([, name]) => name as string,
      );
      return names.some((name) => !new RegExp(`(cases\\(${name}\\b|describe\\(${name}\\.id)`).test(held));
    });
    expect(lonely).toEqual([]);
  });
});
