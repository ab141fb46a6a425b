import type { Keepers } from "../../../database/engine.ts";
import { seenBy } from "../../../database/index.ts";
import { drop } from "../../../database/postgres/replace.ts";
import type { PostgresFacts } from "../../../database/postgres/situation.ts";
import { copyTo, url } from "../../../database/postgres/tools.ts";
import { copyFor } from "../../../database/sqlite/copy-for.ts";
import { discard } from "../../../database/sqlite/discard.ts";
import { suffix } from "../../../database/sqlite/site.ts";
import type { PostgresDatabase, SqliteDatabase } from "../../../model/data.ts";
import { defineOperation } from "../../../operation.ts";
import { app, flag, usage } from "../../../params.ts";
import { exec } from "../../../plan/print.ts";
import type { Draft, Drafting, Place } from "../../../runtime/runtime.ts";
import { databaseOption, oneDatabase } from "../which.ts";

export const dbScratch = defineOperation({
  kind: "planned",
  name: "db scratch",
  summary: "Make a throwaway copy of a database beside it, or remove such copies",
  details: `The copy has all rows as they are now; with --empty, the tables alone. It prints the URL to use, without its password:
that is the app's own; of a SQLite file, the copy's path. The app isn't touched.`,
  effect: "changes",
  params: {
    app: app(),
    database: databaseOption,
    empty: flag("the schema alone, without rows"),
    remove: flag("remove all scratch copies of the database"),
  },
  examples: [
    { command: "tend db scratch skriptoteket", explains: "today's data, to try a migration on" },
    { command: "tend db scratch skriptoteket --remove", explains: "and away with it" },
  ],
  targets: (input) => {
    if (input.empty && input.remove) throw usage("--empty and --remove exclude each other");
    return [input.app];
  },
  async facts(look, input) {
    const database = oneDatabase(look.place.app, input.database);
    if (database.kind === "sqlite" && input.empty) throw usage("--empty is for PostgreSQL; a SQLite copy has all rows");
    return { place: look.place, database, seen: database.kind === "postgres" ? await seenBy(look, database) : undefined };
  },
  draft(situation, context, input, { place, database, seen }) {
    if (database.kind === "sqlite") return besideTheFile(place, database, situation.keepers("scratch"), input.remove);
    return besideTheDatabase(place, database, seen as PostgresFacts, context, input);
  },
});

/** One copy, in a file beside the live one, which the app's containers see too. */
function besideTheFile({ app: declared, host }: Place, database: SqliteDatabase, keepers: Keepers, remove: boolean): Draft {
  const site = { database, ...keepers };
  const file = `${database.path}${suffix("copy", site.run)}`;
  return {
    title: `${remove ? "remove" : "make"} ${file} on ${host.name}`,
    summary: [{ label: "copy", text: file }],
    steps: [
      {
        id: "copy",
        title: remove ? "remove the copy" : `copy ${database.path}`,
        because: "asked for",
        effect: remove ? "destroys" : "changes",
        phase: "prepare",
        action: exec([remove ? discard(site, "copy") : copyFor(site)]),
        fails: { id: "database.copy", title: remove ? `${file} could not be removed` : `${file} could not be made` },
      },
    ],
    undo: [],
    watch: [],
    outcome: remove ? "the scratch copy is gone" : file,
    undoneBy: remove ? undefined : `tend db scratch ${declared.name} --remove`,
  };
}

function besideTheDatabase(
  place: Place,
  database: PostgresDatabase,
  seen: PostgresFacts,
  context: Drafting,
  input: { readonly empty: boolean; readonly remove: boolean },
): Draft {
  const { app: declared, host } = place;
  const there = seen.kept.filter(({ name }) => name.startsWith(`${database.database}__scratch_`));
  if (input.remove) {
    return {
      title: `remove the scratch copies of ${database.database} on ${host.name}`,
      summary: [{ label: "remove", text: there.map(({ name }) => name).join(", ") }],
      steps: [
        {
          id: "remove",
          title: `drop ${there.map(({ name }) => name).join(", ")}`,
          because: "asked for",
          effect: "destroys",
          phase: "finish",
          action: exec(there.map(({ name }) => drop(database, name))),
        },
      ],
      undo: [],
      watch: [],
      nothing: there.length > 0 ? undefined : `${database.database} has no scratch copies`,
      outcome: "the scratch copies are gone",
    };
  }
  const name = `${database.database}__scratch_${context.run}`;
  return {
    title: `make ${name} on ${host.name}`,
    summary: [
      { label: "copy", text: `${name}, ${input.empty ? "without rows" : "with all rows as they are now"}` },
      { label: "url", text: url(database, name, seen.database?.owner ?? database.owner ?? database.user) },
    ],
    steps: [
      {
        id: "copy",
        title: `copy ${database.database} into ${name}`,
        because: "asked for",
        effect: "changes",
        phase: "prepare",
        interruptible: true,
        action: exec([...copyTo(database, name, !input.empty)]),
        fails: { id: "database.copy", title: `${name} could not be made` },
      },
    ],
    undo: [{ of: "copy", title: `drop ${name}`, action: exec([drop(database, name)]) }],
    watch: [],
    outcome: url(database, name, seen.database?.owner ?? database.owner ?? database.user),
    undoneBy: `tend db scratch ${declared.name} --remove`,
  };
}
