import { readDefinitions } from "./sqlite/definitions.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type Definition = Readonly<Record<string, Json>>;

/** Something that a schema consists of: `["column", "public.users.email"]`, and what it is. */
export interface SchemaObject {
  readonly kind: string;
  readonly identity: string;
  readonly def: Definition;
}

/** The objects of a schema, of the lines that the queries print; other lines aren't its business. */
export function parseObjects(text: string): SchemaObject[] {
  const lines = text.split("\n").filter((line) => line.startsWith('{"object"'));
  return readDefinitions(lines.map(parseLine));
}

function parseLine(line: string): SchemaObject {
  const { object, def } = parsed(line) as { readonly object?: unknown; readonly def?: unknown };
  if (!Array.isArray(object) || object.length !== 2 || !object.every((word) => typeof word === "string") || !isDefinition(def)) {
    throw unreadable(line);
  }
  return { kind: object[0] as string, identity: object[1] as string, def };
}

function parsed(line: string): object {
  try {
    return JSON.parse(line) as object;
  } catch {
    throw unreadable(line);
  }
}

function isDefinition(def: unknown): def is Definition {
  return typeof def === "object" && def !== null && !Array.isArray(def);
}

function unreadable(line: string): Error {
  return new Error(`not an object of a schema: ${line.slice(0, 80)}`);
}
