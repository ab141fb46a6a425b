import type { DatabaseAddress } from "./address.ts";

/** What was found: on a host, or in a folder with compose files. Nothing in it is a secret, and nothing is decided yet. */
export interface Found {
  /** How it is reached: an ssh name, this machine, or not known, where only files were read. */
  readonly where:
    | { readonly kind: "ssh"; readonly alias: string }
    | { readonly kind: "local" | "unknown"; readonly name: string };
  /** The home of the user that tend is there; empty where only files were read. */
  readonly home: string;
  readonly projects: readonly FoundProject[];
  /** Containers that belong to no compose project. */
  readonly loose: readonly FoundService[];
  /** What the configuration of a proxy says, by the proxy's container. */
  readonly configs: ReadonlyMap<string, string>;
  readonly extensions: ReadonlyMap<string, readonly string[]>;
  /** systemd's own timers of this host, each with when it runs. */
  readonly timers: readonly string[];
  /** What could not be read, for people. */
  readonly troubles: readonly string[];
}

export interface FoundProject {
  readonly name: string;
  /** Absolute; in a folder without a host, where it will stand is a guess. */
  readonly folder: string;
  /** Absolute, in Compose's order. */
  readonly files: readonly string[];
  /** What was given with --env-file. */
  readonly envFiles: readonly string[];
  /** False where its folder isn't on this host: it was started from another machine. */
  readonly there: boolean;
  readonly git?: { readonly branch: string; readonly upstream: string };
  readonly services: readonly FoundService[];
  /** Services of the compose files that aren't running, each with why. */
  readonly idle: readonly string[];
  /** The project's name as the compose file has it. */
  readonly named?: string;
  /** Where migrations may be: `package.json has db-upgrade`. */
  readonly hints: readonly string[];
}

export interface FoundService {
  readonly name: string;
  readonly container: string;
  readonly image: string;
  /** The image as the compose file has it, with its variables. */
  readonly template?: string;
  readonly built: boolean;
  /** It ran to its end, as it should. */
  readonly done: boolean;
  /** What proxies and databases are told by, and no other. */
  readonly env: Readonly<Record<string, string>>;
  readonly addresses: readonly DatabaseAddress[];
  readonly labels: Readonly<Record<string, string>>;
  /** Ports inside that have one on the host. */
  readonly published: readonly number[];
  readonly exposed: readonly number[];
  readonly mounts: readonly Mount[];
  /** The health check's words, and what the script that they name says of addresses. */
  readonly health: readonly string[];
  readonly networks: Readonly<Record<string, readonly string[]>>;
  readonly dependsOn: readonly string[];
  readonly profiles: readonly string[];
}

export interface Mount {
  /** A named volume as Docker calls it, or a folder's absolute path. */
  readonly from: { readonly volume: string } | { readonly path: string };
  readonly target: string;
  readonly writable: boolean;
  readonly isFile: boolean;
  /** SQLite's files in it, by their first bytes; relative to it. */
  readonly sqlite: readonly string[];
  /** It has other files than those. */
  readonly others: boolean;
  /** Neither from outside nor from inside its container could be looked into it. */
  readonly unseen?: boolean;
}

/** Of a service's variables, those that say where things are. Their values are no secrets. */
export const PLAIN_ENV = [
  "VIRTUAL_HOST",
  "VIRTUAL_PORT",
  "VIRTUAL_PATH",
  "PORT",
  "DOMAIN",
  "DOMAIN_NAME",
  "SITE_ADDRESS",
  "POSTGRES_USER",
  "POSTGRES_DB",
  "PGHOST",
  "PGUSER",
  "PGDATABASE",
  "POSTGRES_HOST",
  "POSTGRES_SERVER",
  "DB_HOST",
  "DB_HOSTNAME",
  "DB_NAME",
  "DB_DATABASE",
  "DB_DATABASE_NAME",
  "DB_USER",
  "DB_USERNAME",
  "DATABASE_HOST",
  "DATABASE_NAME",
  "DATABASE_USER",
] as const;
