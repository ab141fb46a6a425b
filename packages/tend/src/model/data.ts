import type { Container, DatabaseId, ServiceName, SubjectName } from "./names.ts";

/** What an app keeps, and backs up: its databases and its files. */
export type Subject = Database | Files;
export type Database = PostgresDatabase | SqliteDatabase;
export type SubjectKind = Subject["kind"];

export interface PostgresDatabase {
  readonly kind: "postgres";
  /** What tend and its user call it. */
  readonly name: SubjectName;
  /** Where the server runs, and its own tools are used; apps may share it. */
  readonly container: Container;
  /** What PostgreSQL calls it. */
  readonly database: DatabaseId;
  /** The role that tend acts as in there, over the container's own socket: one that may create databases. */
  readonly user: DatabaseId;
  /** The role that owns the database, when `db create` makes it. Default: `user`. */
  readonly owner?: DatabaseId;
  readonly extensions: readonly string[];
}

export interface SqliteDatabase {
  readonly kind: "sqlite";
  readonly name: SubjectName;
  /** Absolute, or `~/…`: on the host; with a volume, in that volume. */
  readonly path: string;
  /** The named volume that the file is in, as Docker calls it or as the compose file does. */
  readonly volume?: string;
  /** An image that has sqlite3, python3 or node, for where neither the app's container nor the host has one. */
  readonly helper?: string;
}

export interface Files {
  readonly kind: "files";
  readonly name: SubjectName;
  readonly from: { readonly volume: string } | { readonly path: string };
}

/** How the app's schema gets from one release to the next. */
export interface Migrate {
  /** By a command before the switch, or by the app itself when it starts. */
  readonly at: "deploy" | "start";
  /** Whose image has the commands; the only service, when there is one. */
  readonly service?: ServiceName;
  readonly run?: readonly string[];
  /** Prints the migration that the database is at, as its last line. */
  readonly head?: readonly string[];
  /** Prints what is still to be applied, a line each; nothing when all is. */
  readonly pending?: readonly string[];
  /** What a new, empty database begins with; run in the app once it answers. */
  readonly seed?: readonly string[];
  /** Older code can live with a newer schema: a rollback needs no older data. */
  readonly reversible: boolean;
}

export interface Backups {
  /** Each backup goes to all of them. */
  readonly to: readonly Destination[];
  readonly keep: Retention;
  /** age recipients (`age1…`); with them nothing leaves the host, or rests on it, in clear. */
  readonly recipients: readonly string[];
  /** The file on this machine with the age identity that opens them. */
  readonly identity?: string;
  /** Seconds until `status` calls the newest backup stale. */
  readonly stale: number;
}

/** Where backups are kept; each holds a folder for an app, and in it a folder for a backup. */
export type Destination =
  /** A folder on the app's host. */
  | { readonly kind: "host"; readonly folder: string }
  /** A folder on the machine that tend runs on. */
  | { readonly kind: "here"; readonly folder: string }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      /** Without slashes at its ends; may be empty. */
      readonly prefix: string;
      /** Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or Amazon's own for the region. */
      readonly endpoint?: string;
      /** Default: AWS_REGION, or us-east-1. */
      readonly region?: string;
    };

export type Retention =
  | { readonly kind: "all" }
  | {
      readonly kind: "some";
      /** So many of the newest, and the newest one of each of so many days, weeks and months (UTC). */
      readonly last: number;
      readonly daily: number;
      readonly weekly: number;
      readonly monthly: number;
    };

/** How people write a destination, and where it says what it is. */
export function destinationText(to: Destination): string {
  if (to.kind === "host") return to.folder;
  if (to.kind === "here") return `here:${to.folder}`;
  return `s3://${to.bucket}${to.prefix ? `/${to.prefix}` : ""}`;
}
