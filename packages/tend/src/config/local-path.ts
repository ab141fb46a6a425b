import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** A path on a local host: `~` is for the shell there. */
export function localPath(path: string, folder: string): string {
  return startsAtHome(path) ? path : resolve(folder, path);
}

/** A path that tend itself opens, on the machine that it runs on. */
export function ownPath(path: string, folder: string): string {
  return startsAtHome(path) ? join(homedir(), path.slice(1)) : resolve(folder, path);
}

function startsAtHome(path: string): boolean {
  return /^~(\/|$)/.test(path);
}
