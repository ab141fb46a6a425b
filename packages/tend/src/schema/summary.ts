import type { Definition, Json } from "./objects.ts";

const LONGEST = 100;

/** What an object is, in a few words: for one that the other side has nothing to compare with. */
export function summary(kind: string, def: Definition): string {
  const text =
    kind === "column"
      ? column(def)
      : oneOf(
          def["definition"],
          def["type"],
          def["values"],
          def["attributes"],
          def["text"],
          def["may"],
          def["role"],
          def["version"],
        );
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 2)} …` : text;
}

function column({ type, notNull, default: usual, generated, identity }: Definition): string {
  return [
    said(type),
    notNull ? "not null" : "",
    usual === undefined ? "" : `default ${said(usual)}`,
    generated === undefined ? "" : `generated ${said(generated)}`,
    identity === undefined ? "" : `identity ${said(identity)}`,
  ]
    .filter(Boolean)
    .join(" ");
}

function oneOf(...values: readonly (Json | undefined)[]): string {
  return said(values.find((value) => value !== undefined));
}

function said(value: Json | undefined): string {
  if (value === undefined) return "";
  return Array.isArray(value) ? value.map(String).join(", ") : String(value);
}
