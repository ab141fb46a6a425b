import { look } from "../../../carry-out.ts";
import { queryScript } from "../../../database/tools.ts";
import { Failure } from "../../../model/failure.ts";
import { prelude } from "../../../observe/place.ts";
import { defineOperation } from "../../../operation.ts";
import { app, flag, position } from "../../../params.ts";
import { lines } from "../../../transport/argv.ts";
import { databaseOption, oneDatabase } from "../which.ts";

export const dbQuery = defineOperation({
  kind: "report",
  name: "db query",
  summary: "Ask a database, in a transaction that can't change anything",
  details: `PostgreSQL answers as a table, or as CSV; SQLite takes one statement, and answers with a | between the columns. Only
--write lets a statement change something, and nothing is backed up first.`,
  effect: "reads",
  params: {
    app: app(),
    sql: { ...position("sql", "one statement or several"), required: true },
    database: databaseOption,
    csv: flag("comma-separated values, with a head line"),
    write: flag("let it change something"),
  },
  examples: [
    {
      command: 'tend db query skriptoteket "select id, email, role, created_at from users order by created_at"',
      explains: "who has an account",
    },
    {
      command: 'tend db query legal "select slot_name, active from pg_replication_slots"',
      explains: "who holds a replication slot",
    },
  ],
  async report(session, input) {
    const place = await session.place(input.app);
    const database = oneDatabase(place.app, input.database);
    const transport = await session.transport(place.host);
    const situation = await look(place, {}, transport);
    const script = queryScript(database, situation.keepers("query"), input.sql ?? "", { csv: input.csv, write: input.write });
    const output = await transport.run(lines([prelude(place.host), script]));
    if (output.exit !== 0) {
      throw new Failure({
        id: "database.query",
        exit: "failed",
        title: "the database refused it",
        where: `${place.host.name} · ${place.app.name} · ${database.name}`,
        evidence: output.stderr.trim().split("\n").slice(0, 5),
        changed: "nothing: it was one transaction",
        help: /read-?only/.test(output.stderr) && !input.write ? "with --write it may change something" : undefined,
      });
    }
    return {
      data: { app: place.app.name, database: database.name, text: output.stdout },
      lines: output.stdout === "" && !input.csv ? [input.write ? "done" : "no rows"] : output.stdout.trimEnd().split("\n"),
    };
  },
});
