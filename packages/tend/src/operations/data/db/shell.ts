import { look } from "../../../carry-out.ts";
import { shellScript } from "../../../database/tools.ts";
import { prelude } from "../../../observe/place.ts";
import { defineOperation } from "../../../operation.ts";
import { app } from "../../../params.ts";
import { lines } from "../../../transport/argv.ts";
import { databaseOption, oneDatabase } from "../which.ts";

export const dbShell = defineOperation({
  kind: "stream",
  name: "db shell",
  summary: "Open the database's own shell: psql or sqlite3, where the database is",
  details: "The exit status is the shell's own.",
  effect: "changes",
  params: { app: app(), database: databaseOption },
  examples: [{ command: "tend db shell skriptoteket", explains: "psql in the database's container" }],
  async stream(session, input, out) {
    const place = await session.place(input.app);
    const database = oneDatabase(place.app, input.database);
    const transport = await session.transport(place.host);
    const situation = await look(place, {}, transport);
    return transport.attach(lines([prelude(place.host), shellScript(database, situation.keepers("shell"), out.tty)]));
  },
});
