import { backupSteps } from "../../backup/steps.ts";
import { seenBy } from "../../database/index.ts";
import type { SqliteFacts } from "../../database/sqlite/facts.ts";
import { liveHead } from "../../migrate/part.ts";
import { destinationText, type Subject } from "../../model/data.ts";
import { Failure } from "../../model/failure.ts";
import type { App } from "../../model/fleet.ts";
import type { SubjectName } from "../../model/names.ts";
import { defineOperation, type Look } from "../../operation.ts";
import { apps, subjects, text } from "../../params.ts";

export const backup = defineOperation({
  kind: "planned",
  name: "backup",
  summary: "Back an app's databases and files up, and read the backup back",
  details: `A backup counts when all of it was read back from where it is kept. PostgreSQL is dumped by its container's own
pg_dump, together with what is counted on the same snapshot; SQLite is copied in one step while the app writes; files are
packed with tar. Whatever fails leaves nothing that could be taken for a backup, and the others as they are.`,
  effect: "changes",
  params: {
    apps: apps(),
    reason: text("text", "why, for the backup's name; without it, manual"),
    only: subjects("only these databases and files"),
  },
  examples: [
    { command: "tend backup skriptoteket", explains: "all that the app declares, to all places that it declares" },
    { command: 'tend backup legal --reason "before the import"', explains: "the name says why" },
  ],
  targets: (input) => input.apps,
  facts: async (look) => ({ place: look.place, stopped: await withoutTool(look) }),
  draft(situation, context, input, { place, stopped: all }) {
    const { app, host } = place;
    const chosen = chosenSubjects(app, input.only);
    const keepers = situation.keepers(context.run);
    const stopped = all.filter((name) => chosen.some((subject) => subject.name === name));
    const stop = stopped.length > 0 ? situation.power(context, "stop", []).steps : [];
    const start = stopped.length > 0 ? situation.power(context, app.runtime === "process" ? "renew" : "start", []).steps : [];
    const { backups, steps } = backupSteps(place, situation.facts, context, {
      subjects: chosen,
      reason: input.reason ?? "manual",
      because: input.reason ?? "asked for",
      keepers,
      stopped,
      head: liveHead(place, situation),
    });
    return {
      title: `back up ${chosen.map((subject) => subject.name).join(", ")} of ${app.name} on ${host.name}`,
      summary: [
        ...backups.map(({ subject, name }) => ({ label: subject.name, text: name })),
        {
          label: "to",
          text: `${app.backups.to.map(destinationText).join(" and ")}${app.backups.recipients.length > 0 ? ", encrypted" : ""}`,
        },
        ...(stopped.length > 0
          ? [
              {
                label: "stops",
                text: `${app.name}, for the copy of ${stopped.join(", ")}: neither its containers nor the host have python3, node 22.5 or sqlite3`,
              },
            ]
          : []),
      ],
      steps: [...stop, ...steps, ...start],
      undo: start.flatMap(({ title, action }) =>
        action.kind === "exec" || action.kind === "wait" ? [{ of: stop[0]?.id ?? "stop", title: `${title} again`, action }] : [],
      ),
      watch: [],
      outcome: `${backups.length === 1 ? "the backup is" : "the backups are"} where ${app.name} keeps them, read back whole`,
    };
  },
});

/** SQLite databases that nothing can read while the app runs. */
async function withoutTool(look: Look): Promise<readonly string[]> {
  const names: string[] = [];
  for (const database of look.place.app.databases) {
    if (database.kind !== "sqlite") continue;
    const seen = (await seenBy(look, database)) as SqliteFacts;
    if (seen.size !== undefined && seen.tool === undefined) names.push(database.name);
  }
  return names;
}

/** What the app keeps, by the names that a person gave, or all of it. Throws where there is nothing of the kind. */
function chosenSubjects(app: App, names: readonly SubjectName[]): readonly Subject[] {
  const all: readonly Subject[] = [...app.databases, ...app.files];
  const unknown = names.find((name) => !all.some((subject) => subject.name === name));
  if (all.length === 0 || unknown !== undefined) {
    throw new Failure({
      id: all.length === 0 ? "backup.nothing" : "usage",
      exit: all.length === 0 ? "refused" : "usage",
      title:
        unknown === undefined ? `${app.name} declares nothing to back up` : `${app.name} has no database or files "${unknown}"`,
      evidence: all.length === 0 ? undefined : [`it has ${all.map((subject) => subject.name).join(", ")}`],
      changed: "nothing",
      help: all.length === 0 ? `declare it: apps.${app.name}.databases and .files in tend.yaml` : undefined,
    });
  }
  return names.length > 0 ? all.filter((subject) => names.includes(subject.name)) : all;
}
