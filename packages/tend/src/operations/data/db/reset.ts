import { seenBy } from "../../../database/index.ts";
import type { PostgresFacts } from "../../../database/postgres/situation.ts";
import type { SqliteFacts } from "../../../database/sqlite/facts.ts";
import { appKey } from "../../../observe/place.ts";
import { defineOperation } from "../../../operation.ts";
import { app } from "../../../params.ts";
import { bytes } from "../../../render/bytes.ts";
import { ago } from "../../../render/time.ts";
import { planRestore } from "../../../restore/plan.ts";
import { databaseOption, oneDatabase } from "../which.ts";

export const dbReset = defineOperation({
  kind: "planned",
  name: "db reset",
  summary: "Begin with an empty database: backup, stop, a new one, migrate, start, seed",
  details: `What is lost is shown, with the age of the last verified backup; a new one is made first, and the old database is
kept under another name, for tend restore --undo. The declared migrations fill the new one, and migrate.seed runs once the
app answers.`,
  effect: "changes",
  asks: "the app's",
  params: { app: app(), database: databaseOption },
  examples: [{ command: "tend db reset skriptoteket", explains: "asks for the app's name, then does it" }],
  targets: (input) => [input.app],
  async facts(look, input) {
    const database = oneDatabase(look.place.app, input.database);
    return { place: look.place, database, seen: await seenBy(look, database) };
  },
  draft(situation, context, _input, { place, database, seen }) {
    const { app: declared, host } = place;
    const last = situation.facts.backups.findLast(({ backup }) => backup.subject === database.name);
    const { database: server, size } = seen as Partial<Pick<PostgresFacts, "database"> & Pick<SqliteFacts, "size">>;
    const lost = server ? `${server.tables} tables, ${bytes(server.bytes)}` : size ? bytes(size) : "nothing: it isn't there yet";
    return planRestore(
      place,
      situation,
      context,
      { subject: database, facts: seen, empty: true },
      {
        title: `reset ${database.name} of ${declared.name} on ${host.name}`,
        summary: [
          { label: "loses", text: lost },
          {
            label: "backup",
            text: `${last ? `the last one is ${ago(last.at, context.now)} old` : "there is none yet"}; a new one is made first`,
          },
          { label: "keeps", text: "the old database under another name: tend restore --undo brings it back" },
        ],
        stakes: {
          text: `This empties ${declared.name}'s database "${database.name}" on ${host.name}: ${lost}.`,
          name: appKey(declared),
        },
      },
    );
  },
});
