import { createHash } from "node:crypto";
import { z } from "zod";
import type { Manifest } from "../model/manifest.ts";
import { backupName } from "../model/names.ts";

export type Parsed = { readonly ok: true; readonly manifest: Manifest } | { readonly ok: false; readonly reason: string };

/** What the seal is over: JSON in plain ASCII. */
export function manifestBody(manifest: Manifest): string {
  return asciiJson(manifest);
}

export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The line that is published. */
export function manifestText(manifest: Manifest): string {
  const body = manifestBody(manifest);
  return `{"seal":"${seal(body)}","backup":${body}}\n`;
}

/** Bytes that are no UTF-8 are read as U+FFFD: which ones they were can't be told any more, and no seal vouches for them. */
const FRAME = /^\{"seal":"([0-9a-f]{64})","backup":(\{[^\p{Cc}\ufffd]*\})\}\n$/u;

/** Reads it back. Whatever isn't exactly what was written is refused, with the reason for people. */
export function parseManifest(text: string): Parsed {
  if (text === "") return refused("its manifest is empty");
  const [, sealed, body] = FRAME.exec(text) ?? [];
  if (sealed === undefined || body === undefined) return refused("its manifest was cut off or changed");
  if (seal(body) !== sealed) return refused("its manifest doesn't match its own seal: something in it changed");
  const written = readJson(body);
  if (!written) return refused("its manifest isn't as tend writes it: it is no JSON");
  const version = written["v"];
  if (version !== 1) return refused(`its manifest has version ${JSON.stringify(version)}; this tend knows version 1`);
  const checked = shape.safeParse(written);
  if (checked.success) return { ok: true, manifest: written as unknown as Manifest };
  const [issue] = checked.error.issues;
  return refused(`its manifest isn't as tend writes it: ${issue?.path.join(".")}: ${issue?.message}`);
}

/** Text that is an object already by its braces. */
function readJson(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}

function seal(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

function refused(reason: string): Parsed {
  return { ok: false, reason };
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "a sha256");
const count = z.int().nonnegative();
const counted = z.looseObject({ bytes: count, sha256 });
const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, "an instant in UTC")
  .refine((text) => !Number.isNaN(Date.parse(text)), "an instant in UTC");
const fileName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, "a file's name");
const plainName = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, "a name");

const shape = z
  .looseObject({
    v: z.literal(1),
    name: z.string().refine((name) => backupName.parse(name) !== undefined, backupName.expected),
    app: plainName,
    subject: plainName,
    kind: z.enum(["postgres", "sqlite", "files"]),
    at: instant,
    reason: z.string(),
    run: z.string(),
    by: z.string(),
    host: z.string(),
    release: count.optional(),
    code: z.string().optional(),
    head: z.string().optional(),
    files: z.record(fileName, z.looseObject({ bytes: count, sha256, clear: counted.optional() })),
    sealed: z.array(z.string()).min(1).optional(),
    schema: sha256.optional(),
    tables: count.optional(),
    rows: count.optional(),
    versions: z.array(z.string()),
    verified: instant,
  })
  .refine(({ files }) => Object.keys(files).some((file) => !file.startsWith("about.jsonl")), {
    path: ["files"],
    message: "a file beside about.jsonl",
  })
  .refine(
    ({ files, sealed }) =>
      Object.entries(files).every(
        ([file, { clear }]) =>
          file.endsWith(".age") === (sealed !== undefined) && (clear !== undefined) === (sealed !== undefined),
      ),
    { path: ["files"], message: "sealed files exactly when there are recipients" },
  );
