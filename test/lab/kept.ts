import { expect } from "vitest";
import { on } from "./lab.ts";
import type { Workshop } from "./workshop.ts";

/** A line of `tend backups --json`. */
export interface KeptBackup {
  readonly name: string;
  readonly subject: string;
  readonly at: string;
  readonly manifest?: {
    readonly head?: string;
    readonly release?: number;
    readonly rows?: number;
    readonly reason: string;
    readonly verified: string;
    readonly versions: readonly string[];
    readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  };
  readonly copies: readonly { readonly at: string; readonly state: "good" | "broken" }[];
}

/** Runs tend, and answers all that it said; the test fails with that when it ends otherwise. */
export async function said(workshop: Workshop, exit: number, ...args: readonly string[]): Promise<string> {
  const result = await workshop.tend(...args);
  const text = `${result.stdout}${result.stderr}`;
  expect(result.exit, `tend ${args.join(" ")}\n${text}`).toBe(exit);
  return text;
}

/** What `tend backups` lists, the newest first; the test fails when a place can't be asked. */
export async function keptOf(workshop: Workshop, app: string): Promise<readonly KeptBackup[]> {
  const text = await said(workshop, 0, "backups", app, "--json");
  return (JSON.parse(text) as { readonly backups: readonly KeptBackup[] }).backups;
}

/** Statements for a PostgreSQL in a container, as its superuser; answers what psql prints, unaligned. */
export async function psql(host: string, container: string, database: string, statements: string): Promise<string> {
  const argv = `docker exec -i ${container} psql -X -q -A -t -v ON_ERROR_STOP=1 -U postgres -d ${database}`;
  return (await on(host, argv, statements)).trimEnd();
}

/** Every table's rows as a count and a sum, whatever order its columns are in: the same before and after, or not. */
export async function rowsOf(host: string, container: string, database: string): Promise<Readonly<Record<string, string>>> {
  const found = await psql(
    host,
    container,
    database,
    `select format('select %L, count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) from (select %s from %I) t', relname,
  (select string_agg(quote_ident(attname), ', ' order by attname) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped), relname)
from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname \\gexec`,
  );
  return Object.fromEntries(found.split("\n").map((line) => [line.split("|")[0], line.slice(line.indexOf("|") + 1)]));
}
