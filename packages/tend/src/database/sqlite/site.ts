import type { SqliteDatabase } from "../../model/data.ts";
import { remotePath, type Script, sh } from "../../transport/argv.ts";
import type { Keepers } from "../engine.ts";

/** Where a SQLite database stands, who keeps it, and for which run something is done with it. */
export interface SqliteSite extends Keepers {
  readonly database: SqliteDatabase;
  /** Seconds that a copy may take. */
  readonly deadline?: number;
}

export const SQLITE_DEADLINE = 120;

/** Which file of the site: the app's own, one that was placed beside it, what was there before a swap, or a throwaway copy. */
export type SqliteFile = "live" | "placed" | "before" | "copy";

/** What a file is called, after the live one's name. */
export function suffix(file: SqliteFile, run: string): string {
  switch (file) {
    case "live":
      return "";
    case "placed":
      return `.tend-${run}`;
    case "before":
      return `.before-${run}`;
    case "copy":
      return `.tend-${run}-copy`;
  }
}

/** The name of what is gone again when a script has ended; no backup is ever called so. */
export function passing(site: SqliteSite): string {
  return `.tend-${site.run}-${site.database.name}`;
}

/** The declared path: on the host, or in its volume, without slashes at its beginning. */
export function declaredPath(database: SqliteDatabase): Script {
  return database.volume === undefined ? remotePath(database.path) : sh`${database.path.replace(/^\/+/, "")}`;
}

/** A dollar of the shell's own, where a brace follows. */
export const $ = sh`$`;
