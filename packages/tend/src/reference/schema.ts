import { z } from "zod";
import { fleet } from "../config/sections/fleet.ts";

type Json = Record<string, unknown>;

/** The declaration's JSON Schema, as a person writes it: for editors, and for the reference. */
export function jsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(fleet, { io: "input", target: "draft-7" }) as Json;
  const app = at(schema, "properties", "apps", "additionalProperties");
  const { environments: _, ...keys } = at(app, "properties");
  at(app, "properties", "environments").additionalProperties = overlay({ ...app, properties: keys });
  return { $schema, title: "tend.yaml", ...schema };
}

/** What a whole has to have, a part that is laid over it may leave out. */
const OF_THE_WHOLE = new Set(["required", "oneOf", "default"]);

/** An environment says only what differs: nothing is required, and an empty value takes away. */
function overlay(schema: Json): Json {
  const kept = Object.entries(schema).filter(([key]) => !OF_THE_WHOLE.has(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, overlayOf(key, value)]));
}

function overlayOf(key: string, value: unknown): unknown {
  if (key === "properties") return mapValues(value as Json, (property) => orNothing(overlay(property as Json)));
  if (key === "anyOf") return (value as Json[]).map(overlay);
  return key === "additionalProperties" && typeof value === "object" ? orNothing(overlay(value as Json)) : value;
}

function orNothing({ description, ...schema }: Json): Json {
  return { description, anyOf: [schema, { type: "null" }] };
}

function mapValues(object: Json, change: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function at(schema: Json, ...keys: readonly string[]): Json {
  return keys.reduce((part, key) => part[key] as Json, schema);
}
