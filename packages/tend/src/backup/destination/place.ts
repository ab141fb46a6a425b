import type { BackupName } from "../../model/names.ts";
import { backupName } from "../../model/names.ts";

/** The file that makes a backup of what stands beside it. */
export const MANIFEST = "manifest.json";

/** A manifest is a line of a few kB; more than this is none, and is not read to its end. */
export const MANIFEST_MOST = 1024 * 1024;

const APP = /^[a-z0-9][a-z0-9._-]*$/;
const FILE = /^[a-z0-9][a-z0-9._-]*$/;

/** Names that reach a path were checked long before; a mistake of tend's own must not climb out of a folder either. */
export function checkApp(app: string): string {
  if (!APP.test(app)) throw new TypeError(`${JSON.stringify(app)} can't be a folder of backups`);
  return app;
}

export function checkFile(file: string): string {
  if (!FILE.test(file)) throw new TypeError(`${JSON.stringify(file)} can't be a file of a backup`);
  return file;
}

export function checkName(name: string): BackupName {
  const checked = backupName.parse(name);
  if (!checked) throw new TypeError(`${JSON.stringify(name)} can't be a backup's folder`);
  return checked;
}

/** What unpublished backups stand under. */
export function partial(name: BackupName): string {
  return `${PARTIAL}${name}`;
}
export const PARTIAL = ".partial-";
