import { postgresSchemaSql } from "../packages/tend/src/schema/postgres.ts";
import { freshHost, labHostOfThisWorker, on } from "../test/lab/lab.ts";
import { type Figure, median, milliseconds } from "./measure.ts";

const HOST = labHostOfThisWorker();
const CONTAINER = "schema-bench";
const TABLES = 1000;
const TURNS = 9;

/** A table is fifteen objects: itself, nine columns, three constraints, and the indexes of its key and of its own. */
const MANY_TABLES = `DO $$ BEGIN FOR n IN 1..${TABLES} LOOP
  EXECUTE format('CREATE TABLE t%s (id bigint PRIMARY KEY, parent bigint REFERENCES t%s, name text NOT NULL DEFAULT %L,
    amount numeric(12,2) CONSTRAINT positive CHECK (amount > 0), at timestamptz NOT NULL DEFAULT now(), tags text[],
    state varchar(20), data jsonb, flag boolean DEFAULT false)', n, greatest(n - 1, 1), 'x' || n);
  EXECUTE format('CREATE INDEX ON t%s (lower(name)) WHERE flag', n);
END LOOP; END $$; ANALYZE;`;

/** The schema's fingerprint beside `pg_dump -s`, both inside the container, so that neither ssh nor Docker is measured. */
export async function schemaFingerprint(): Promise<readonly Figure[]> {
  await freshHost(HOST);
  try {
    const inside = (command: string, input?: string) => on(HOST, `docker exec -i ${CONTAINER} ${command}`, input);
    await on(HOST, `docker run -d --name ${CONTAINER} -e POSTGRES_PASSWORD=x postgres:17 -c max_locks_per_transaction=2048`);
    await on(HOST, `until docker exec ${CONTAINER} pg_isready -q -h 127.0.0.1 -U postgres; do sleep 0.1; done`);
    await inside("psql -XAtq -v ON_ERROR_STOP=1 -U postgres", MANY_TABLES);
    await inside(
      "sh -c 'cat >/tmp/schema.sql'",
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n${postgresSchemaSql}COMMIT;\n`,
    );
    const lines = await inside("psql -XAtq -U postgres -f /tmp/schema.sql");
    const objects = lines.split("\n").filter((line) => /^\{"object":\["(?!owner|privilege|comment)/.test(line)).length;
    const times = await inside(
      "bash -s",
      `turn() { local began=$EPOCHREALTIME; "$@" >/dev/null; echo $(((\${EPOCHREALTIME/./} - \${began/./}) / 1000)); }
      for _ in {1..${TURNS}}; do turn psql -XAtq -U postgres -f /tmp/schema.sql; turn pg_dump -s -U postgres; done`,
    );
    const both = times.trim().split("\n").map(Number);
    const [tend, compared] = [median(both.filter((_, at) => at % 2 === 0)), median(both.filter((_, at) => at % 2 === 1))];
    return [
      {
        what: `schema of ${objects.toLocaleString("en")} objects in ${TABLES.toLocaleString("en")} tables`,
        tend: milliseconds(tend),
        compared: `pg_dump -s: ${milliseconds(compared)}`,
        ratio: tend / compared,
        aim: "< 1",
      },
    ];
  } finally {
    await freshHost(HOST);
  }
}
