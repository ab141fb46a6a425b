import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type KeptBackup, keptOf, psql, rowsOf, said } from "./kept.ts";
import { freshHost, on } from "./lab.ts";
import { type Legal, legal } from "./legal.ts";

/** How many laws examples/legal/data/laws.sql makes. */
export const LAWS = 19_318;
const SERVER = "shared_postgres";

/** The register of laws on a rented server, and whoever asks it. */
export class Register {
  readonly app: Legal;

  private constructor(app: Legal) {
    this.app = app;
  }

  static async open(host: string): Promise<Register> {
    await freshHost(host);
    return new Register(await legal(host));
  }

  /** Released, and filled. */
  static async filled(host: string): Promise<Register> {
    const register = await Register.open(host);
    await register.tend(0, "deploy", "legal");
    await register.app.startProxy();
    await register.fill();
    return register;
  }

  tend(exit: number, ...args: readonly string[]): Promise<string> {
    return said(this.app.workshop, exit, ...args);
  }

  sql(statements: string, database = "legal_prod"): Promise<string> {
    return psql(this.app.host, SERVER, database, statements);
  }

  async fill(): Promise<void> {
    await this.sql(await readFile(join(this.app.workshop.folder, "legal/data/laws.sql"), "utf8"));
  }

  /** Count and sum of every table's rows. */
  rows(database = "legal_prod"): Promise<Readonly<Record<string, string>>> {
    return rowsOf(this.app.host, SERVER, database);
  }

  backups(): Promise<readonly KeptBackup[]> {
    return keptOf(this.app.workshop, "legal");
  }

  async backup(reason: string): Promise<string> {
    await this.tend(0, "backup", "legal", "--reason", reason);
    return (await this.backups())[0]?.name as string;
  }

  /** A new migration in what the next image is built from. */
  async migration(file: string, statements: string): Promise<void> {
    await on(this.app.host, `cat >~/sources/backend/migrations/${file}.sql`, statements);
  }

  /** Every slot of the server: whose it is, in which database, and whether somebody reads it. */
  async slots(): Promise<readonly string[]> {
    const found = await this.sql("select slot_name, database, active from pg_replication_slots order by 1");
    return found === "" ? [] : found.split("\n");
  }

  /** The databases of the server that are the app's, whatever they are called now. */
  async databases(): Promise<readonly string[]> {
    return (await this.sql("select datname from pg_database where datname ~ '^legal' order by 1", "postgres")).split("\n");
  }
}
