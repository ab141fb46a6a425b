import postgres from "postgres";

export type Value = string | number | boolean | null;

/** All that the app asks of a database, so that its tests need none. */
export interface Database {
  query<Row>(text: string, values?: readonly Value[]): Promise<Row[]>;
  /** Runs a file of statements. */
  script(text: string): Promise<void>;
  transaction<T>(work: (database: Database) => Promise<T>): Promise<T>;
  end(): Promise<void>;
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
    ...statements(sql),
    transaction: async <T>(work: (database: Database) => Promise<T>) => {
      const result: { value?: T } = {};
      await sql.begin(async (tx) => {
        result.value = await work(inside(statements(tx)));
      });
      return result.value as T;
    },
    end: () => sql.end({ timeout: 5 }),
  };
}

export async function withDatabase(url: string, work: (database: Database) => Promise<void>): Promise<void> {
  const database = connect(url);
  try {
    await work(database);
  } finally {
    await database.end();
  }
}

type Statements = Pick<Database, "query" | "script">;

function statements(sql: postgres.ISql): Statements {
  return {
    query: async <Row>(text: string, values: readonly Value[] = []) => [...(await sql.unsafe<Row[]>(text, [...values]))],
    script: async (text) => {
      await sql.unsafe(text).simple();
    },
  };
}

function inside(transaction: Statements): Database {
  const database: Database = {
    ...transaction,
    // Already in one: its statements stand or fall together with the rest.
    transaction: (work) => work(database),
    end: async () => undefined,
  };
  return database;
}
