import type { Keepers } from "../database/engine.ts";
import { engineOf } from "../database/index.ts";
import { SCHEMA_SUM } from "../database/schema-sum.ts";
import type { ReleaseEvent } from "../journal/events.ts";
import type { Step, SummaryLine } from "../plan/plan.ts";
import { exec } from "../plan/print.ts";
import type { Place, RollbackData } from "../runtime/runtime.ts";
import { sh } from "../transport/argv.ts";

/**
 * Whether older code can live with today's data: it can where the schema is the one that it was released with, or where
 * every migration is declared reversible. What can't be told is asked on the host, before anything changes, and refused.
 */
export function schemaCheck(
  place: Place,
  to: ReleaseEvent,
  keepers: Keepers,
  data: RollbackData,
): { readonly line: SummaryLine; readonly steps: readonly Step[] } {
  const { app } = place;
  const says = (text: string, steps: readonly Step[] = []) => ({ line: { label: "data", text }, steps });
  if (data.kind === "restored") return says(`goes back too, to ${data.from.join(" and ")}`);
  if (app.databases.length === 0 || !app.migrate) return says("stays as it is");
  if (data.kind === "stays") return says("stays as it is, whatever release's code made it: --keep-data");
  if (app.migrate.reversible) return says("stays as it is: the declaration says that older code can live with it");
  const steps = app.databases.flatMap((database): readonly Step[] => {
    const recorded = to.schemas?.[database.name];
    const schema = engineOf(database).schema?.(database, keepers);
    if (!schema) return [];
    return [
      {
        id: `schema-${database.name}`,
        title: `${database.name} has the schema of release ${to.release}`,
        because: "older code on a newer schema can lose data",
        effect: "reads",
        phase: "prepare",
        action: exec([
          recorded === undefined
            ? sh`echo ${`error: release ${to.release} has no record of the schema that it lived with`}; exit 1`
            : sh`[ "$( { ${schema}; } | ${SCHEMA_SUM})" = ${recorded} ] || { echo ${`error: the schema of ${database.name} is not the one that release ${to.release} was live with`}; exit 1; }`,
        ]),
        fails: {
          id: "rollback.schema",
          exit: "refused",
          title: `release ${to.release} may not be able to live with today's schema of ${database.name}`,
          why: recorded === undefined ? "that it can isn't known" : "migrations were applied since, or it was changed by hand",
          help: `tend rollback ${app.name} --to ${to.release} --with-data, or --keep-data if you know that it can`,
        },
      },
    ];
  });
  return says(`stays as it is, if its schema is that of release ${to.release}`, steps);
}
