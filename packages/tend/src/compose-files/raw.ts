/** A service by its keys: of one file, or as several come to. Files are what people write, so nothing of a value is certain. */
export interface RawService {
  [key: string]: unknown;
}

/** A value that is a map, or an empty one. */
export function asMap(value: unknown): Record<string, unknown> {
  return isMap(value) ? value : {};
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** What Compose takes for true: `privileged: yes` is a text to YAML, and still means it. */
export function isYes(value: unknown): boolean {
  return /^(true|yes|y|on|t|1)$/i.test(asText(value) ?? "");
}
