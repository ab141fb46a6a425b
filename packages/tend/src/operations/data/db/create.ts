import { create, extensions } from "../../../database/postgres/tools.ts";
import { defineOperation } from "../../../operation.ts";
import { app } from "../../../params.ts";
import { exec } from "../../../plan/print.ts";
import { databaseOption, oneDatabase, onlyPostgres } from "../which.ts";

export const dbCreate = defineOperation({
  kind: "planned",
  name: "db create",
  summary: "Create a declared database and its extensions, where they are missing",
  details: `What is there stays as it is. It works on a server whose init scripts ran long ago, too: those are never run again.`,
  effect: "changes",
  params: { app: app(), database: databaseOption },
  examples: [{ command: "tend db create legal", explains: "the database, uuid-ossp and citext, if they aren't there yet" }],
  targets: (input) => [input.app],
  facts: async ({ place }) => place,
  draft(_situation, _context, input, { app: declared, host }) {
    const database = onlyPostgres(oneDatabase(declared, input.database), "db create");
    return {
      title: `create ${database.database} in ${database.container} on ${host.name}`,
      summary: [{ label: "database", text: [database.database, ...database.extensions].join(", ") }],
      steps: [
        {
          id: "create",
          title: `create ${[database.database, ...database.extensions].join(", ")} where missing`,
          because: "it is declared",
          effect: "changes",
          phase: "prepare",
          action: exec([...create(database)]),
          fails: {
            id: "database.create",
            title: `${database.database} could not be created`,
            why:
              extensions(database, database.database).length > 0
                ? "the server's image may not bring one of the extensions"
                : undefined,
          },
        },
      ],
      undo: [],
      watch: [],
      outcome: `${database.database} is there${database.extensions.length > 0 ? `, with ${database.extensions.join(", ")}` : ""}`,
    };
  },
});
