import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareSchemas } from "../../packages/tend/src/schema/compare.ts";
import { parseObjects, type SchemaObject } from "../../packages/tend/src/schema/objects.ts";
import { MUTATIONS } from "../../packages/tend/src/schema/postgres/mutations/testing.ts";
import { common, names, randomSchema, roles, wholeSchema } from "../../packages/tend/src/schema/postgres/testing.ts";
import { postgresSchemaSql } from "../../packages/tend/src/schema/postgres.ts";
import { chance, named } from "../../packages/tend/src/schema/testing.ts";
import { freshHost, lab, labHostOfThisWorker, on, run } from "../lab/lab.ts";

const HOST = labHostOfThisWorker();
const CONTAINER = "schema-postgres";
const TABLES = 5;
const PSQL = "psql -XAtq -U postgres";

/** A psql that stays open: what it prints for the statements, errors among it. */
function session(database: string) {
  const psql = `docker exec -i ${CONTAINER} sh -c 'exec ${PSQL} -d ${database} 2>&1'`;
  const child = spawn("ssh", ["-F", lab().sshConfig, HOST, psql], { stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  let asked = 0;
  let answer: ((text: string) => void) | undefined;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    const end = `=== ${asked}\n`;
    if (!printed.endsWith(end)) return;
    const whole = printed.slice(0, -end.length);
    printed = "";
    answer?.(whole);
  });
  const ask = async (sql: string): Promise<string> => {
    asked += 1;
    const text = new Promise<string>((resolve) => {
      answer = resolve;
    });
    child.stdin.write(`${sql}\n\\echo === ${asked}\n`);
    const errors = (await text).match(/^(?:ERROR|FATAL|LINE).*$/gm);
    if (errors) throw new Error(`${errors.join("\n")}\nof: ${sql.slice(0, 500)}`);
    return text;
  };
  return { ask, close: () => child.stdin.end() };
}

beforeAll(async () => {
  await freshHost(HOST);
  // Nothing here outlives the test, so nothing has to reach the disk.
  await on(
    HOST,
    `docker run -d --name ${CONTAINER} -e POSTGRES_PASSWORD=x postgres:17 -c fsync=off -c max_locks_per_transaction=512`,
  );
  await on(HOST, `until docker exec ${CONTAINER} pg_isready -q -h 127.0.0.1 -U postgres; do sleep 0.1; done`);
  await on(HOST, `docker exec -i ${CONTAINER} ${PSQL}`, roles.map((role) => `${role};\n`).join(""));
}, 60_000);

afterAll(() => freshHost(HOST), 60_000);

describe("one thing is changed", () => {
  const kinds = Object.entries(MUTATIONS);
  const luck = chance(17);
  const changes = [...kinds, ...kinds].map(([kind, mutation]) => ({ kind, ...mutation(names(1 + luck.below(TABLES))) }));
  let psql: ReturnType<typeof session>;
  let before: readonly SchemaObject[];

  /** The schema after the statements, which are taken back. */
  const schemaAfter = async (sql: string) =>
    parseObjects(await psql.ask(`BEGIN ISOLATION LEVEL REPEATABLE READ;\n${sql};\n${postgresSchemaSql}ROLLBACK;`));

  beforeAll(async () => {
    await on(HOST, `docker exec ${CONTAINER} createdb -U postgres -T template0 changed`);
    psql = session("changed");
    await psql.ask(`SET client_min_messages = error;\n${wholeSchema(TABLES)}`);
    before = await schemaAfter("SELECT");
  }, 60_000);

  afterAll(() => psql?.close());

  it("there are objects of all kinds to change", () => {
    expect(new Set(before.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(35);
    expect(changes.length).toBeGreaterThanOrEqual(200);
  });

  it("the very object is named, and nothing else", async () => {
    for (const { kind, sql, told } of changes) {
      const differences = compareSchemas(before, await schemaAfter(sql), { owners: true });
      expect(differences.map(named).sort(), `${kind}: ${sql}`).toEqual([...told].sort());
    }
    expect(compareSchemas(before, await schemaAfter("SELECT"), { owners: true })).toEqual([]);
  }, 120_000);
});

describe("a dump is restored into a new database", () => {
  const SCHEMAS = 100;

  /** Made, dumped, restored and told, all in the container: left and right of each, by turns. */
  const roundTrips = async (schemas: readonly string[]) => {
    const script = schemas.flatMap((sql, at) => [
      `made=made_$$_${at} restored=restored_$$_${at}`,
      `printf 'CREATE DATABASE %s TEMPLATE %s;\\n' $made common $restored template0 | ${PSQL}`,
      `${PSQL} -v ON_ERROR_STOP=1 -d $made <<'END'\nSET client_min_messages = error;\n${sql}END`,
      `pg_dump -U postgres -Fc $made | pg_restore -U postgres --exit-on-error -d $restored`,
      `for database in $made $restored; do ${PSQL} -d $database -f /tmp/schema.sql; echo ===; done`,
      `printf 'DROP DATABASE %s;\\n' $made $restored | ${PSQL}`,
    ]);
    const result = await run(["ssh", "-F", lab().sshConfig, HOST, `docker exec -i ${CONTAINER} bash -o pipefail -s`], {
      input: script.join("\n"),
    });
    const told = result.stdout.split("===\n").slice(0, -1);
    expect(told.length, result.stderr).toBe(schemas.length * 2);
    return { told, stderr: result.stderr };
  };

  it("100 random schemas come back the same, line by line", async () => {
    const snapshot = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n${postgresSchemaSql}COMMIT;\n`;
    await on(HOST, `docker exec -i ${CONTAINER} sh -c 'cat >/tmp/schema.sql'`, snapshot);
    await on(HOST, `docker exec ${CONTAINER} createdb -U postgres -T template0 common`);
    await on(HOST, `docker exec -i ${CONTAINER} ${PSQL} -d common`, `SET client_min_messages = error;\n${common}`);
    const schemas = Array.from({ length: SCHEMAS }, (_, seed) => randomSchema(chance(seed)));
    const halves = await Promise.all([schemas.slice(0, SCHEMAS / 2), schemas.slice(SCHEMAS / 2)].map(roundTrips));
    for (const { told, stderr } of halves) {
      expect(stderr).toBe("");
      for (let at = 0; at < told.length; at += 2) {
        const [made = "", restored = ""] = [told[at], told[at + 1]];
        expect(compareSchemas(parseObjects(made), parseObjects(restored), { owners: true })).toEqual([]);
        expect(restored.split("\n").sort()).toEqual(made.split("\n").sort());
        expect(parseObjects(made).length).toBeGreaterThan(100);
      }
    }
  }, 240_000);
});
