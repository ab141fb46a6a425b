import { createHash } from "node:crypto";
import type { Manifest } from "../model/manifest.ts";
import type { Listed } from "./destination/store.ts";
import { manifestText } from "./manifest-text.ts";
import { newBackupName } from "./name.ts";

/** A manifest that is all right, of a backup that nobody took. */
export function manifestOf(given: Partial<Manifest> & { readonly at?: string } = {}): Manifest {
  const [app, subject, at] = [given.app ?? "legal", given.subject ?? "core", given.at ?? "2026-07-31T10:15:09.000Z"];
  const random = createHash("sha256").update(`${app} ${subject} ${at}`).digest("hex").slice(0, 4);
  return {
    v: 1,
    name: newBackupName({ app, subject, at: new Date(at), random }),
    app,
    subject,
    kind: "postgres",
    at,
    reason: "manual",
    run: "r23qj0",
    by: "anna",
    host: "hemma",
    files: { "data.dump": { bytes: 3, sha256: "a".repeat(64) }, "about.jsonl": { bytes: 2, sha256: "b".repeat(64) } },
    versions: ["PostgreSQL 17.11"],
    verified: "2026-07-31T10:15:12.000Z",
    ...given,
  };
}

/** As a destination lists it. */
export function listedOf(manifest: Manifest): Listed {
  const files = Object.entries(manifest.files).map(([file, { bytes }]) => [file, bytes] as const);
  return { name: manifest.name, manifest: manifestText(manifest), files: Object.fromEntries(files) };
}
