/** Where a service's variables say that its database is. Passwords are never part of it. */
export type DatabaseAddress =
  | { readonly kind: "postgres"; readonly host: string; readonly database?: string; readonly user?: string }
  | { readonly kind: "sqlite"; readonly path: string };

/** The pieces of an address, as they are taken apart before they leave the host: the password isn't among them. */
export interface AddressPieces {
  readonly scheme: string;
  readonly user: string;
  /** What follows the login, without the query. */
  readonly rest: string;
}

export const POSTGRES_SCHEMES = ["postgres", "postgresql", "pgsql", "postgis", "ecto", "jdbc:postgresql"] as const;
export const SQLITE_SCHEMES = ["sqlite", "sqlite3", "jdbc:sqlite", "file"] as const;

/** A text that may be an address, taken apart as a host does it. */
export function takeApart(value: string): AddressPieces | undefined {
  const [head = "", ...tail] = value.split("://");
  const known: readonly string[] = [...POSTGRES_SCHEMES, ...SQLITE_SCHEMES];
  const scheme = head.split("+")[0] as string;
  if (tail.length === 0) {
    const [, plain = "", path = ""] = /^(sqlite3?|jdbc:sqlite|file):(.+)$/.exec(value) ?? [];
    return plain === "" ? undefined : { scheme: plain, user: "", rest: path.split("?")[0] as string };
  }
  if (!known.includes(scheme)) return undefined;
  const last = (text: string) => text.split("@").at(-1) as string;
  const beforeQuery = (text: string) => text.split("?")[0] as string;
  const rest = last(beforeQuery(value));
  // A password with a `?` in it, or a query with an `@`: which is which can't be told, and nothing of it is kept.
  if (rest !== beforeQuery(last(value))) return { scheme, user: "", rest: "" };
  const [login = "", ...others] = (tail[0] as string).split("@");
  return { scheme, user: others.length > 0 ? (login.split(":")[0] as string) : "", rest };
}

export function addressOf({ scheme, user, rest }: AddressPieces): DatabaseAddress | undefined {
  const kind = scheme.split("+")[0] as string;
  if (SQLITE_SCHEMES.some((one) => one === kind)) return sqliteAddress(rest);
  if (rest === "" || !POSTGRES_SCHEMES.some((one) => one === kind)) return undefined;
  const [hostAndPort = "", database = ""] = rest.replace(/^.*:\/\//, "").split("/");
  const host = (hostAndPort.split(",")[0] as string).replace(/:\d+$/, "");
  return { kind: "postgres", host, database: decoded(database) || undefined, user: decoded(user) || undefined };
}

/** `sqlite:////data/app.db` has an absolute path; with three slashes its path is relative to the working folder. */
function sqliteAddress(rest: string): DatabaseAddress | undefined {
  const path = rest.replace(/^.*:\/\//, "").replace(/^\/(?=\/)/, "");
  return path.startsWith("/") && !path.includes(":memory:") ? { kind: "sqlite", path } : undefined;
}

const HOSTS = ["PGHOST", "POSTGRES_HOST", "POSTGRES_SERVER", "DB_HOST", "DB_HOSTNAME", "DATABASE_HOST"] as const;
const DATABASES = ["PGDATABASE", "POSTGRES_DB", "DB_NAME", "DB_DATABASE", "DB_DATABASE_NAME", "DATABASE_NAME"] as const;
const USERS = ["PGUSER", "POSTGRES_USER", "DB_USER", "DB_USERNAME", "DATABASE_USER"] as const;

/** The same in variables of their own: DB_HOST, DB_NAME, DB_USER. Whether PostgreSQL is there, its container says. */
export function addressInVariables(env: Readonly<Record<string, string>>): DatabaseAddress | undefined {
  const first = (names: readonly string[]) => names.map((name) => env[name]).find((value) => value !== undefined && value !== "");
  const host = first(HOSTS);
  return host === undefined
    ? undefined
    : { kind: "postgres", host: host.replace(/:\d+$/, ""), database: first(DATABASES), user: first(USERS) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
