import postgres from "postgres";

/** All that the app asks of a database, so that its tests need none. */
export interface Database {
  query<Row>(text: string, values?: readonly (string | number)[]): Promise<Row[]>;
  /** Runs the work in one transaction; `script` there runs a file of statements. */
  transaction(work: (tx: Transaction) => Promise<void>): Promise<void>;
  end(): Promise<void>;
}

export interface Transaction {
  query<Row>(text: string, values?: readonly (string | number)[]): Promise<Row[]>;
  script(text: string): Promise<void>;
}

export function connect(url: string): Database {
  const sql = postgres(url, {
    max: 5,
    connect_timeout: 3,
    // The driver waits up to 20 s before it tries again; a database that is back should be seen at once.
    backoff: () => 0.2,
    onnotice: () => undefined,
  });
  return {
    query: (text, values) => query(sql, text, values),
    transaction: async (work) => {
      await sql.begin((tx) =>
        work({
          query: (text, values) => query(tx, text, values),
          script: async (text) => {
            await tx.unsafe(text).simple();
          },
        }),
      );
    },
    end: () => sql.end({ timeout: 5 }),
  };
}

async function query<Row>(sql: postgres.ISql, text: string, values: readonly (string | number)[] = []): Promise<Row[]> {
  return [...(await sql.unsafe<Row[]>(text, [...values]))];
}
