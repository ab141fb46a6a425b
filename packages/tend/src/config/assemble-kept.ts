import type { Backups, Database, Destination, Files, Migrate } from "../model/data.ts";
import type { App } from "../model/fleet.ts";
import { type AppName, databaseId, type ServiceName, type SubjectName } from "../model/names.ts";
import { entriesOf } from "./checks/check.ts";
import { localPath, ownPath } from "./local-path.ts";
import type { DeclaredBackups } from "./sections/backups.ts";
import type { DeclaredDatabase } from "./sections/databases.ts";
import type { DeclaredFiles } from "./sections/files.ts";
import type { DeclaredApp } from "./sections/fleet.ts";
import type { DeclaredMigrate } from "./sections/migrate.ts";

interface Standing {
  readonly isLocal: boolean;
  /** The declaration's. */
  readonly folder: string;
}

/** What an app keeps, how it changes and where its backups go. */
export function keptBy(
  name: AppName,
  app: DeclaredApp,
  standing: Standing,
): Pick<App, "databases" | "files" | "migrate" | "backups"> {
  return {
    databases: entriesOf<SubjectName, DeclaredDatabase>(app.databases ?? {}).map(([key, database]) =>
      databaseOf(key, database, name, standing),
    ),
    files: entriesOf(app.files ?? {}).map(([key, files]) => filesOf(key, files, standing)),
    migrate: app.migrate && migrateOf(app.migrate, entriesOf(app.services ?? {})),
    backups: backupsOf(app.backups, standing),
  };
}

function databaseOf(name: SubjectName, database: DeclaredDatabase, app: AppName, standing: Standing): Database {
  if (database.kind === "sqlite")
    return { ...database, name, path: database.volume ? database.path : onHost(database.path, standing) };
  const named = database.database ?? databaseId.parse(app);
  if (!named) throw new Error(`${app} can't be a PostgreSQL name`);
  return { ...database, name, database: named };
}

function filesOf(name: SubjectName, { volume, path = "" }: DeclaredFiles, standing: Standing): Files {
  return { kind: "files", name, from: volume === undefined ? { path: onHost(path, standing) } : { volume } };
}

function migrateOf(migrate: DeclaredMigrate, services: readonly (readonly [ServiceName, unknown])[]): Migrate {
  const [only, ...others] = services;
  return { ...migrate, service: migrate.service ?? (others.length === 0 ? only?.[0] : undefined) };
}

function backupsOf({ to, identity, ...rest }: DeclaredBackups, standing: Standing): Backups {
  return {
    ...rest,
    to: to.map((one) => destinationOf(one, standing)),
    identity: identity && ownPath(identity, standing.folder),
  };
}

function destinationOf(to: Destination, standing: Standing): Destination {
  if (to.kind === "host") return { ...to, folder: onHost(to.folder, standing) };
  return to.kind === "here" ? { ...to, folder: ownPath(to.folder, standing.folder) } : to;
}

function onHost(path: string, { isLocal, folder }: Standing): string {
  return isLocal ? localPath(path, folder) : path;
}
