import { createHash } from "node:crypto";
import { Failure } from "../model/failure.ts";
import type { Manifest } from "../model/manifest.ts";

/**
 * about.jsonl says what is in a backup, a line each, so that a restore can be compared with it:
 *
 *     {"version":"PostgreSQL 17.11"}                        the server, then its tools
 *     {"head":"0041"}                                       the migration that it was at
 *     {"object":["table","public","users"],"def":{…}}       one of the schema's objects: its kind, its identity
 *     {"rows":["public","users"],"count":12,"hash":"…"}     a table's rows; the hash is null where none was made
 *     {"sequence":["public","users_id_seq"],"last":12,"called":true}
 *     {"global":"…"}  {"setting":…}                         roles, and what is set for the database
 */
export type AboutLine =
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "head"; readonly head: string }
  | { readonly kind: "object"; readonly object: readonly string[]; readonly def: unknown }
  | { readonly kind: "rows"; readonly rows: readonly string[]; readonly count: number; readonly hash: string | null }
  | { readonly kind: "sequence"; readonly sequence: readonly string[]; readonly last: number | null; readonly called: boolean }
  | { readonly kind: "global"; readonly global: string }
  /** What this tend doesn't know, or only keeps. */
  | { readonly kind: "other"; readonly line: Readonly<Record<string, unknown>> };

export type AboutSummary = Pick<Manifest, "schema" | "tables" | "rows" | "versions" | "head">;

/** All lines, in their order. Throws `backup.about` when one isn't JSON, or the last one was cut off. */
export function parseAbout(bytes: Buffer): readonly AboutLine[] {
  const text = bytes.toString("utf8");
  if (text !== "" && !text.endsWith("\n")) throw unreadable("its last line was cut off");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line, at) => understood(asObject(line, at + 1)));
}

/** What the manifest says of it. */
export function summarise(bytes: Buffer): AboutSummary {
  const lines = parseAbout(bytes);
  const tables = lines.filter((line) => line.kind === "rows");
  const schema = schemaDigest(bytes);
  const head = lines.findLast((line) => line.kind === "head")?.head;
  return {
    ...(schema === undefined ? {} : { schema }),
    ...(tables.length === 0 ? {} : { tables: tables.length, rows: tables.reduce((sum, { count }) => sum + count, 0) }),
    versions: lines.flatMap((line) => (line.kind === "version" ? [line.version] : [])),
    ...(head === undefined ? {} : { head }),
  };
}

/**
 * The schema's fingerprint, or undefined when there is none. A host computes the same by
 * `grep '^{"object"' about.jsonl | LC_ALL=C sort | sha256sum`: as Latin-1, a character is a byte.
 */
export function schemaDigest(bytes: Buffer): string | undefined {
  const objects = bytes
    .toString("latin1")
    .split("\n")
    .filter((line) => line.startsWith('{"object"'))
    .sort();
  if (objects.length === 0) return undefined;
  return createHash("sha256")
    .update(Buffer.from(objects.map((line) => `${line}\n`).join(""), "latin1"))
    .digest("hex");
}

function understood(line: Readonly<Record<string, unknown>>): AboutLine {
  const { version, head, object, def, rows, count, hash, sequence, last, called, global } = line;
  if (typeof version === "string") return { kind: "version", version };
  if (typeof head === "string") return { kind: "head", head };
  if (isIdentity(object)) return { kind: "object", object, def };
  if (isIdentity(rows) && isCount(count)) return { kind: "rows", rows, count, hash: typeof hash === "string" ? hash : null };
  if (isIdentity(sequence) && typeof called === "boolean") {
    return { kind: "sequence", sequence, last: typeof last === "number" ? last : null, called };
  }
  if (typeof global === "string") return { kind: "global", global };
  return { kind: "other", line };
}

function isIdentity(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === "string");
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function asObject(line: string, at: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch {
    // said below, with the line's number
  }
  throw unreadable(`its line ${at} is no JSON object`);
}

function unreadable(why: string): Failure {
  return new Failure({
    id: "backup.about",
    exit: "failed",
    title: "the description of a backup, about.jsonl, can't be read",
    why,
  });
}
