import { describe, expect, test } from "vitest";
import { blocksData } from "./blocks-data.ts";
import type { Difference } from "./compare.ts";
import type { Definition } from "./objects.ts";

function differs(kind: string, left: Definition, right: Definition): Difference {
  return { kind, identity: "x", change: "differs", left, right };
}
function missing(kind: string, left: Definition = {}): Difference {
  return { kind, identity: "x", change: "missing", left };
}

describe("rows may not fit, or mean something else", () => {
  test.each([
    missing("table"),
    missing("column", { type: "text" }),
    missing("constraint"),
    missing("trigger"),
    missing("sequence"),
    missing("extension", { version: "1" }),
    missing("materialized view"),
    missing("index", { unique: true }),
    differs("column", { type: "integer" }, { type: "bigint" }),
    differs("column", { type: "integer" }, { type: "integer", notNull: true }),
    differs("column", { generated: "a" }, { generated: "b" }),
    differs("enum", { values: ["a"] }, { values: ["a", "b"] }),
    differs("domain", { type: "text" }, { type: "integer" }),
    differs("trigger", {}, { enabled: "disabled" }),
    differs("index", { definition: "a" }, { definition: "a", unique: true }),
    differs("table", { partition: "a", parameters: ["fillfactor=70"] }, { partition: "b" }),
    differs("table", {}, { options: ["strict"] }),
  ])("$kind, $change", (difference) => {
    expect(blocksData(difference)).toBe(true);
  });
});

describe("rows load all the same", () => {
  test.each([
    missing("comment"),
    missing("statistics"),
    missing("privilege"),
    missing("owner"),
    missing("view"),
    missing("function"),
    missing("policy"),
    missing("index"),
    differs("index", { definition: "a" }, { definition: "b" }),
    differs("column", { type: "text", storage: "plain" }, { type: "text", statistics: 100 }),
    differs("extension", { version: "1.5", schema: "public" }, { version: "1.6", schema: "public" }),
    differs("table", { parameters: ["fillfactor=70"] }, { rowSecurity: "enabled" }),
    differs("materialized view", { populated: false }, {}),
  ])("$kind, $change", (difference) => {
    expect(blocksData(difference)).toBe(false);
  });
});
