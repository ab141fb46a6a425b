import { payloadFile } from "../../backup/read.ts";
import type { PostgresDatabase } from "../../model/data.ts";
import { Failure } from "../../model/failure.ts";
import type { Step, Undo } from "../../plan/plan.ts";
import { exec } from "../../plan/print.ts";
import { type Script, sh } from "../../transport/argv.ts";
import { besideStep, comparison } from "../comparison.ts";
import type { Drilling, Replacement, Replacing } from "../engine.ts";
import { unreachable } from "./refuse.ts";
import {
  aboutOf,
  analyze,
  carrySettings,
  createLike,
  createSlots,
  drop,
  dropSlots,
  load,
  openAgain,
  sequencesBehind,
  swapNames,
} from "./replace.ts";
import type { PostgresFacts } from "./situation.ts";
import { extensions } from "./tools.ts";

/** A new database beside the live one, compared with the backup, and then the two names exchanged. */
export function replace(database: PostgresDatabase, facts: PostgresFacts, input: Replacing): Replacement {
  const { run } = input.keepers;
  const live: string = database.database;
  const next = input.former ?? `${live}__restored_${run}`;
  const former = input.former ? `${live}__undone_${run}` : `${live}__before_${run}`;
  if (facts.trouble) throw unreachable(database, facts.trouble);
  if (input.former && !facts.kept.some(({ name }) => name === input.former)) throw gone(database, input.former);
  // One that is called restored is what a run left whose taking back failed, too: the server was away.
  const isSpare = (name: string) => input.recorded.includes(name) || name.startsWith(`${live}__restored_`);
  const aside = facts.kept.filter(({ name }) => name !== input.former && isSpare(name));
  const step = (
    part: string,
    title: string,
    because: string,
    effect: Step["effect"],
    phase: Step["phase"],
    commands: readonly Script[],
  ): Step => ({
    id: `${part}-${database.name}`,
    title,
    because,
    effect,
    phase,
    action: exec(commands),
  });
  const slots = facts.slots.map((slot) => slot.name).join(", ");
  const title = `let connections into ${live} again`;
  return {
    former,
    first:
      facts.database?.open === false
        ? [step("open", title, "an exchange that was cut off has shut them out", "changes", "prepare", [openAgain(database)])]
        : [],
    prepare: input.incoming
      ? besideLive(database, { ...input, incoming: input.incoming }, next)
      : input.empty
        ? [
            step(
              "load",
              "create an empty database beside the live one",
              "the live database stays until the exchange",
              "changes",
              "prepare",
              [createLike(database, next), ...extensions(database, next), carrySettings(database, next)],
            ),
          ]
        : [],
    swap: [
      ...(facts.slots.length > 0
        ? [
            step(
              "slots",
              `drop the slot ${slots}`,
              "it would keep the database's name, and hold the log back for ever",
              "changes",
              "switch",
              [dropSlots(database, facts.slots)],
            ),
          ]
        : []),
      {
        ...step(
          "swap",
          "exchange the two databases",
          "one transaction: there is no moment without the database",
          "changes",
          "switch",
          [swapNames(database, { live, next, former })],
        ),
        fails: {
          id: "restore.swap",
          title: `the databases' names could not be exchanged`,
          why: "somebody is still connected, a replication slot is in use, or the server went away",
        },
      },
      ...(facts.slots.length > 0
        ? [
            step(
              "slots-again",
              `make the slot ${slots} anew`,
              "its readers start from the restored data; where nothing is published yet, they come first",
              "changes",
              "switch",
              [createSlots(database, facts.slots, "early")],
            ),
          ]
        : []),
    ],
    finish: [
      ...(facts.slots.length > 0
        ? [
            step("slots-there", `the slot ${slots} is there`, "whoever makes it by themselves has done so", "changes", "finish", [
              createSlots(database, facts.slots),
            ]),
          ]
        : []),
      ...(aside.length > 0
        ? [
            step(
              "forget",
              `drop ${aside.map(({ name }) => name).join(", ")}`,
              "an earlier restore has put it aside; what this one put aside is kept",
              "destroys",
              "finish",
              aside.map(({ name }) => drop(database, name)),
            ),
          ]
        : []),
    ],
    undo: undoOf(database, facts, { live, next, former }, input.incoming !== undefined || input.empty === true),
    renew: facts.slots.length > 0,
  };
}

function undoOf(
  database: PostgresDatabase,
  facts: PostgresFacts,
  names: { readonly live: string; readonly next: string; readonly former: string },
  made: boolean,
): readonly Undo[] {
  const { live, next, former } = names;
  return [
    {
      of: `swap-${database.name}`,
      title: `${former} is ${live} again`,
      action: exec([swapNames(database, { live, next: former, former: next }), openAgain(database)]),
    },
    ...(facts.slots.length > 0
      ? [
          {
            of: `slots-${database.name}`,
            title: "the replication slots as they were",
            action: exec([openAgain(database), createSlots(database, facts.slots)]),
          },
        ]
      : []),
    ...(made ? [{ of: `load-${database.name}`, title: `drop ${next}`, action: exec([drop(database, next)]) }] : []),
  ];
}

/** Made ready while the app serves. What the comparison finds different never gets the name. */
function besideLive(database: PostgresDatabase, input: Drilling, next: string): readonly Step[] {
  const { manifest, bring } = input.incoming;
  const payload = payloadFile(manifest);
  const bytes = manifest.files[payload]?.clear?.bytes ?? manifest.files[payload]?.bytes ?? 0;
  const { told, compared } = comparison(database, input, aboutOf(database, next), sequencesBehind(database, next));
  return [
    told,
    besideStep("load", database, {
      title: "restore the backup into a new database",
      because: "never over what is there: the live database stays as it is",
      effect: "changes",
      // Made anew each time: what a load that was cut short has left is no beginning.
      action: bring(
        payload,
        sh`{ ${createLike(database, next)}; } </dev/null || exit 1
${load(database, next, { bytes, run: input.keepers.run })}`,
      ),
      fails: {
        id: "restore.failed",
        title: `${manifest.name} could not be restored into a new database`,
        why: "nothing was done to the live one",
      },
    }),
    besideStep("settings", database, {
      title: "carry settings over, and analyze",
      because: "a dump has neither settings nor statistics",
      effect: "changes",
      action: exec([carrySettings(database, next), analyze(database, next)]),
    }),
    compared,
  ];
}

function gone(database: PostgresDatabase, former: string): Failure {
  return new Failure({
    id: "restore.none",
    exit: "refused",
    title: `${former}, which the last restore has put aside, isn't in ${database.container} any more`,
    changed: "nothing",
    help: "tend backups lists the backup that was made before the restore",
  });
}

/** All of a restore but the swap: a database of its own, and away with it. */
export function drill(
  database: PostgresDatabase,
  input: Drilling,
): { readonly steps: readonly Step[]; readonly undo: readonly Undo[] } {
  const scratch = `${database.database}__drill_${input.keepers.run}`;
  const title = "remove the scratch database";
  const action = exec([drop(database, scratch)]);
  const because = "it has served its purpose";
  return {
    steps: [
      ...besideLive(database, input, scratch).filter((step) => !step.id.startsWith("settings-")),
      { id: `drop-${database.name}`, title, because, effect: "changes", phase: "prepare", action },
    ],
    undo: [{ of: `load-${database.name}`, title, action }],
  };
}
