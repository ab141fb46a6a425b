/**
 * Names that travel into commands. A branded type means: this text was checked once, at the edge,
 * and can't start with a dash, climb out of a folder or carry anything but what its rule allows.
 */
declare const brand: unique symbol;
export type Branded<Kind extends string> = string & { readonly [brand]: Kind };

export type HostName = Branded<"host">;
export type ProxyName = Branded<"proxy">;
export type AppName = Branded<"app">;
export type ServiceName = Branded<"service">;
export type RunId = Branded<"run">;
export type Commit = Branded<"commit">;
export type GitRef = Branded<"ref">;
export type ImageTag = Branded<"tag">;
export type EnvName = Branded<"env">;
export type Container = Branded<"container">;
export type DomainName = Branded<"domain">;
/** A database or a set of files of an app, as its declaration calls it. */
export type SubjectName = Branded<"subject">;
/** A database, role or slot, as PostgreSQL calls it. */
export type DatabaseId = Branded<"database">;
export type BackupName = Branded<"backup">;

interface Rule<Kind extends string> {
  readonly what: string;
  readonly expected: string;
  readonly pattern: RegExp;
  /** Brands the text, or answers undefined when it breaks the rule. */
  parse(text: string): Branded<Kind> | undefined;
}

function rule<Kind extends string>(what: string, expected: string, pattern: RegExp): Rule<Kind> {
  return {
    what,
    expected,
    pattern,
    parse: (text) => (pattern.test(text) ? (text as Branded<Kind>) : undefined),
  };
}

const PLAIN = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const PLAIN_EXPECTED = "lower-case letters, digits, - and _, at most 63, starting with a letter or digit";

export const hostName = rule<"host">("a host's name", PLAIN_EXPECTED, PLAIN);
export const proxyName = rule<"proxy">("a proxy's name", PLAIN_EXPECTED, PLAIN);
export const appName = rule<"app">("an app's name", PLAIN_EXPECTED, PLAIN);
/** Compose allows upper case and dots in service names. */
export const serviceName = rule<"service">(
  "a service's name",
  "letters, digits, ., - and _, starting with a letter or digit",
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
);
export const runId = rule<"run">("a run's id", "r and lower-case letters and digits", /^r[a-z0-9]{3,15}$/);
export const commit = rule<"commit">("a commit", "7 to 64 hexadecimal digits", /^[0-9a-f]{7,64}$/);
/** The part of git-check-ref-format(1) that people use; no leading dash, no "..", no "@{". */
export const gitRef = rule<"ref">(
  "a git ref",
  "a branch, tag or commit",
  /^(?!-)(?!.*\.\.)(?!.*@\{)(?!.*\/\/)[A-Za-z0-9._/@+-]{1,200}(?<![./])$/,
);
/** https://github.com/opencontainers/distribution-spec: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127} */
export const imageTag = rule<"tag">(
  "an image tag",
  "letters, digits, _, . and -, at most 128",
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/,
);
export const envName = rule<"env">("an environment variable's name", "letters, digits and _", /^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
/** Docker's own rule for container names. */
export const container = rule<"container">(
  "a container's name",
  "letters, digits, _, . and -",
  /^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/,
);
const LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?";
export const domainName = rule<"domain">(
  "a domain",
  "a name alone, such as app.example",
  new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`),
);
export const subjectName = rule<"subject">("a database's name", PLAIN_EXPECTED, PLAIN);
/** PostgreSQL allows anything in quotes; these need none that matter to a shell, and leave room for what tend appends. */
export const databaseId = rule<"database">(
  "a PostgreSQL name",
  "letters, digits, ., - and _, at most 40, starting with a letter or _",
  /^[A-Za-z_][A-Za-z0-9_.-]{0,39}$/,
);
/** `APP-DB-YYYYMMDDTHHMMSSZ-REASON-RANDOM`; it is a folder's name everywhere. */
export const backupName = rule<"backup">(
  "a backup's name",
  "APP-DATABASE-YYYYMMDDTHHMMSSZ-REASON-RANDOM, as tend backups lists it",
  /^[a-z0-9][a-z0-9_.-]{0,189}-[0-9]{8}T[0-9]{6}Z-[a-z0-9-]{1,40}-[0-9a-f]{4}$/,
);
