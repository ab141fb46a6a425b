import { code, page, table } from "./markdown.ts";

interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** Every key of the declaration, from its JSON Schema. */
export function declarationPage(schema: object): string {
  return page(
    "# tend.yaml",
    "The declaration: what the compose files can't say. [The guide](../guide/declaration.md) says what to put there; this page lists every key.",
    "An editor completes and checks it with the JSON Schema in `packages/tend/schema/tend.schema.json`; with the YAML language server: `# yaml-language-server: $schema=PATH/tend.schema.json` as the first line. `tend check` checks more than a schema can, and says file, line and column.",
    ...sections("", schema as Schema),
    "An environment may hold every key of its app but `environments`. Nothing is required there, and an empty value takes away what the app declares.",
  );
}

/** A table for a map with fixed keys, then those of the maps in it. */
function sections(path: string, schema: Schema): readonly string[] {
  const own = Object.entries(schema.properties ?? {});
  const below = own.flatMap(([key, value]) => inside(path === "" ? key : `${path}.${key}`, value));
  if (own.length === 0) return below;
  const rows = own.map(([key, value]) => [
    code(key),
    schema.required?.includes(key) ? "needed" : "",
    kindOf(value),
    value.description ?? "",
  ]);
  return [`## ${path === "" ? "At the top" : code(path)}`, table(["key", "", "value", ""], rows), ...below];
}

/** Environments repeat their app's keys: they are told in a sentence. */
function inside(path: string, schema: Schema): readonly string[] {
  if (path === "apps.NAME.environments") return [];
  return [schema, ...(schema.anyOf ?? [])].flatMap((variant) => {
    if (variant.properties) return sections(path, variant);
    const named = variant.additionalProperties;
    return typeof named === "object" ? inside(`${path}.NAME`, named) : [];
  });
}

function kindOf(schema: Schema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(kindOf))].join(" or ");
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(", ");
  if (schema.items) return `list of ${kindOf(schema.items)}`;
  if (schema.properties) return "map";
  if (typeof schema.additionalProperties === "object") return `map from name to ${kindOf(schema.additionalProperties)}`;
  const type = [schema.type ?? "anything"].flat().map((one) => (one === "string" ? "text" : one));
  const range = schema.maximum !== undefined && schema.maximum < 1e6 ? ` ${schema.minimum}–${schema.maximum}` : "";
  return `${type.join(" or ")}${range}`;
}
