import type { Readable } from "node:stream";
import type { BackupName } from "../../model/names.ts";

/** What one place has under one backup's name. `manifest` is its text as it was found, believed by nobody yet. */
export interface Listed {
  readonly name: string;
  readonly manifest: string;
  /** Bytes by file name, the manifest left out. */
  readonly files: Readonly<Record<string, number>>;
}

/**
 * A place that keeps backups: `APP/NAME/FILE` under it, and nothing else of APP's. What isn't published yet can't be
 * mistaken for a backup: in folders it stands under `APP/.partial-NAME/`, in S3 it has no manifest.
 * Each kind is one file here and one line in index.ts, and passes test/contracts/store.ts.
 *
 * Every method rejects with a `Failure`: `destination.unreachable`, `destination.denied`, `destination.full`,
 * `destination.failed`.
 */
export interface Store {
  /** How people write it. */
  readonly text: string;
  /** The published backups of an app, in no order; a backup that can't be read is listed with what there is of it. */
  list(app: string): Promise<readonly Listed[]>;
  /** Writes one file of a backup that isn't published yet, as it comes; ended or destroyed early, nothing of it counts. */
  put(app: string, name: BackupName, file: string, bytes: Readable): Promise<void>;
  /** A file of a backup, published or not. */
  read(app: string, name: BackupName, file: string): Promise<Readable>;
  /** Makes it a backup, all at once, and durably: the files are on the disk before the name is. */
  publish(app: string, name: BackupName, manifest: string): Promise<void>;
  /** Takes away what unfinished backups of the app have left. The caller holds the app's lock: nobody else is at it. */
  sweep(app: string): Promise<void>;
  /** Takes a published backup away: first its manifest, so that half of it is never listed. */
  remove(app: string, name: BackupName): Promise<void>;
  close(): Promise<void>;
}
