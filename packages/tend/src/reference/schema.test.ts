import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { jsonSchema } from "./schema.ts";

type Json = Record<string, unknown>;

/** As much of JSON Schema as the generated one uses. */
function accepts(schema: Json, value: unknown): boolean {
  const subschemas = (key: string) => (schema[key] as Json[] | undefined) ?? [];
  if (schema.anyOf && !subschemas("anyOf").some((one) => accepts(one, value))) return false;
  if (schema.oneOf && subschemas("oneOf").filter((one) => accepts(one, value)).length !== 1) return false;
  if (schema.type && ![schema.type].flat().some((type) => typeOf(value).includes(String(type)))) return false;
  if (schema.const !== undefined && value !== schema.const) return false;
  if (schema.enum && !(schema.enum as unknown[]).includes(value)) return false;
  if (typeof schema.pattern === "string" && typeof value === "string" && !new RegExp(schema.pattern, "u").test(value))
    return false;
  if (Array.isArray(value)) return !schema.items || value.every((item) => accepts(schema.items as Json, item));
  return typeof value !== "object" || value === null || acceptsMap(schema, value as Json);
}

function acceptsMap(schema: Json, value: Json): boolean {
  const properties = (schema.properties ?? {}) as Record<string, Json>;
  const rest = schema.additionalProperties;
  const required = (schema.required ?? []) as string[];
  return (
    required.every((key) => key in value) &&
    Object.entries(value).every(([key, part]) => {
      if (schema.propertyNames && !accepts(schema.propertyNames as Json, key)) return false;
      if (properties[key]) return accepts(properties[key], part);
      return typeof rest === "object" ? accepts(rest as Json, part) : rest !== false;
    })
  );
}

function typeOf(value: unknown): readonly string[] {
  if (value === null) return ["null"];
  if (Array.isArray(value)) return ["array"];
  if (typeof value === "number") return Number.isInteger(value) ? ["number", "integer"] : ["number"];
  return [typeof value];
}

const schema = jsonSchema() as Json;
const examples = join(import.meta.dirname, "../../../../examples");
const app = { host: "here", path: "." };
const fleet = (web: Json) => ({ fleet: "home", hosts: { here: "local" }, apps: { web } });

describe("the schema for editors", () => {
  test("is the one that is shipped", () => {
    const shipped = readFileSync(join(import.meta.dirname, "../../schema/tend.schema.json"), "utf8");
    expect(JSON.parse(shipped), "npm run reference writes it").toEqual(schema);
  });

  test.each(readdirSync(examples))("accepts examples/%s", (name) => {
    expect(accepts(schema, parse(readFileSync(join(examples, name, "tend.yaml"), "utf8")))).toBe(true);
  });

  test.each([
    ["the least", app],
    ["a list of services", { ...app, services: ["web", "worker"] }],
    ["a service without settings", { ...app, services: { web: null } }],
    [
      "an environment that says only what differs",
      { ...app, environments: { dev: { services: { web: { route: { port: 80 } } } } } },
    ],
    ["an environment that takes away", { ...app, environments: { dev: { project: null, services: { web: { route: null } } } } }],
    ["a contract by its name", { ...app, contract: "default" }],
    [
      "a contract of one's own",
      { ...app, contract: { memory: "2g", tags: { need: "exact", severity: "info" }, labels: ["a.b"], user: "off" } },
    ],
    ["a contract that differs in an environment", { ...app, environments: { dev: { contract: { memory: "off", user: null } } } }],
  ])("accepts %s", (_, web) => {
    expect(accepts(schema, fleet(web))).toBe(true);
  });

  test.each([
    ["an unknown key", { ...app, databses: {} }],
    ["no path", { host: "here" }],
    ["two kinds of source", { ...app, source: { git: "main", images: "ghcr.io" } }],
    ["an image without tag", { ...app, source: { image: "web" } }],
    ["a port out of range of its type", { ...app, services: { web: { port: "80" } } }],
    ["an unknown key in an environment", { ...app, environments: { dev: { databses: {} } } }],
    ["an unknown rule", { ...app, contract: { memmory: "2g" } }],
    ["an exception without a reason", { ...app, contract: { except: [{ service: "web", rule: "user" }] } }],
    ["environments in an environment", { ...app, environments: { dev: { environments: {} } } }],
  ])("refuses %s", (_, web) => {
    expect(accepts(schema, fleet(web))).toBe(false);
  });

  test("describes every key", () => {
    expect(undescribed(schema, [])).toEqual([]);
  });
});

function undescribed(part: Json, path: readonly string[]): readonly string[] {
  const own = Object.entries((part.properties ?? {}) as Record<string, Json>).flatMap(([key, property]) => {
    return [...(property.description ? [] : [[...path, key].join(".")]), ...undescribed(property, [...path, key])];
  });
  const below = [part.additionalProperties, part.items, ...((part.anyOf as unknown[]) ?? [])];
  return [...own, ...below.flatMap((inner) => (typeof inner === "object" ? undescribed(inner as Json, path) : []))];
}
