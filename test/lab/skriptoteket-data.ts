import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { on, type Result } from "./lab.ts";
import type { Skriptoteket } from "./skriptoteket.ts";

/** A line of `tend backups --json`. */
export interface Kept {
  readonly name: string;
  readonly subject: string;
  readonly manifest?: {
    readonly head?: string;
    readonly release?: number;
    readonly rows?: number;
    readonly reason: string;
    readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  };
  readonly proven?: { readonly at: string };
}

/** Where the app's backups are on their host. */
export const KEPT_IN = "~/backups/skriptoteket";

/** Statements for the shared server, as its own superuser; answers what psql prints, unaligned. */
export async function sql(app: Skriptoteket, statements: string, database = "skriptoteket"): Promise<string> {
  const psql = `docker exec -i shared-postgres psql -X -q -A -t -v ON_ERROR_STOP=1 -U postgres -d ${database}`;
  return (await on(app.host, psql, statements)).trimEnd();
}

/** The databases that are the app's, whatever they are called now. */
export async function databases(app: Skriptoteket): Promise<readonly string[]> {
  const found = await sql(app, "select datname from pg_database where datname ~ '^skriptoteket' order by 1", "postgres");
  return found.split("\n");
}

/** How many rows each table has. */
export async function counts(app: Skriptoteket, database?: string): Promise<Readonly<Record<string, number>>> {
  const found = await sql(
    app,
    `select format('select %L, count(*) from %I', relname, relname) from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace order by relname \\gexec`,
    database,
  );
  return Object.fromEntries(found.split("\n").map((line) => [line.split("|")[0], Number(line.split("|")[1])]));
}

/** Runs tend; the test fails with all that it said when it ends otherwise. */
export async function tend(app: Skriptoteket, exit: number, ...args: readonly string[]): Promise<Result> {
  const result = await app.workshop.tend(...args);
  expect(result.exit, `tend ${args.join(" ")}\n${result.stdout}${result.stderr}`).toBe(exit);
  return result;
}

/** All that `tend backups` lists, the newest first. */
export async function backups(app: Skriptoteket): Promise<readonly Kept[]> {
  const { stdout } = await tend(app, 0, "backups", "skriptoteket", "--json");
  return (JSON.parse(stdout) as { readonly backups: readonly Kept[] }).backups;
}

/** The name of the newest backup of the database. */
export async function newest(app: Skriptoteket, subject = "main"): Promise<string> {
  return (await backups(app)).find((one) => one.subject === subject)?.name as string;
}

/** A new migration in the working copy, for `publish`. */
export function migration(file: string, statements: string): (folder: string) => Promise<void> {
  return (folder) => writeFile(join(folder, "migrations", `${file}.sql`), statements);
}

/** Two rows in a transaction, one in each of two tables, again and again: whoever sees one row sees the other. */
export async function keepWriting(app: Skriptoteket): Promise<{ stop(): Promise<number> }> {
  await sql(
    app,
    "create table if not exists debit (n bigint primary key); create table if not exists credit (n bigint primary key);",
  );
  const flag = (await on(app.host, "mktemp")).trim();
  const writing = on(
    app.host,
    `n=$(date +%s%N)
while [ -f ${flag} ]; do n=$(( n + 1 )); echo "begin; insert into debit values ($n); insert into credit values ($n); commit;"; done |
docker exec -i shared-postgres psql -X -q -v ON_ERROR_STOP=1 -U postgres -d skriptoteket`,
  );
  writing.catch(() => undefined);
  return {
    async stop() {
      await on(app.host, `rm -f ${flag}`);
      await writing;
      return Number(await sql(app, "select count(*) from debit"));
    },
  };
}
