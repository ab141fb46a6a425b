import type { SubjectKind } from "./data.ts";
import type { BackupName } from "./names.ts";

/**
 * What a backup is, beside its files: the last thing written of it, so that a backup without one isn't a backup.
 * `manifest.json` is one line, `{"seal":"SHA256","backup":BODY}`, where the seal is over BODY's very bytes: a manifest
 * that lost or gained a bit is refused, not half believed.
 */
export interface Manifest {
  readonly v: 1;
  readonly name: BackupName;
  /** The app with its environment, as in tend's own files: `legal`, `legal.dev`. */
  readonly app: string;
  /** The database's or files' name in the declaration. */
  readonly subject: string;
  readonly kind: SubjectKind;
  /** When it began; UTC, RFC 3339. Backups are ordered by it, never by name. */
  readonly at: string;
  readonly reason: string;
  readonly run: string;
  readonly by: string;
  readonly host: string;
  /** The release that was live, and its commit or tags. */
  readonly release?: number;
  readonly code?: string;
  /** The migration that the database was at. */
  readonly head?: string;
  /** By file name: `data.dump`, `data.sqlite` or `data.tar`, and `about.jsonl`; `.age` is appended to those that are sealed. */
  readonly files: Readonly<Record<string, StoredFile>>;
  /** The age recipients that can open it; absent when it is in clear. */
  readonly sealed?: readonly string[];
  /** sha256 over the schema's objects (the lines of about.jsonl that begin with `{"object"`, sorted by bytes). */
  readonly schema?: string;
  readonly tables?: number;
  readonly rows?: number;
  /** Server and tools: `PostgreSQL 17.11`, `pg_dump (PostgreSQL) 17.11`. */
  readonly versions: readonly string[];
  /** When all of it was read back from where it is kept, and found whole. */
  readonly verified: string;
}

export interface StoredFile {
  readonly bytes: number;
  /** Of the bytes as they are kept. */
  readonly sha256: string;
  /** Of the bytes before they were sealed. */
  readonly clear?: { readonly bytes: number; readonly sha256: string };
}
