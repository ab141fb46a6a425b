import { backupSteps, type PlannedBackup } from "../backup/steps.ts";
import type { Keepers } from "../database/engine.ts";
import { engineOf } from "../database/index.ts";
import { SCHEMA_SUM } from "../database/schema-sum.ts";
import type { Guard, Step, SummaryLine } from "../plan/plan.ts";
import { exec } from "../plan/print.ts";
import type { AppFacts, Draft, Drafting, Place, Situation } from "../runtime/runtime.ts";
import { lines, type Script, sh } from "../transport/argv.ts";

/** What a runtime tells of itself, so that a plan of its can have migrations in it. */
export interface Migrating {
  readonly keepers: Keepers;
  /** One of the app's commands in what runs now, and in what the next release will run. */
  readonly live: (argv: readonly string[]) => Script;
  readonly next: (argv: readonly string[]) => Script;
  /** What migrates is among what the plan is about. */
  readonly concerned: boolean;
  /** Whether what migrates is replaced; undefined when it is in any case. */
  readonly changed?: Guard;
  /** What runs now is recorded as this release by the same plan. */
  readonly release?: number;
  /** `--no-migrate`. */
  readonly skip?: boolean;
}

/** What migrations add to a plan. */
export interface MigrationPart {
  readonly summary: readonly SummaryLine[];
  /** Before the switch: a verified backup, without which nothing goes on. */
  readonly backup: readonly Step[];
  /** First in the switch: the migration, where the app doesn't do it by itself. */
  readonly migrate: readonly Step[];
  readonly backups: readonly PlannedBackup[];
  /** What stays of it when the plan is taken back, for the steps that start the new version of an app that migrates by itself. */
  readonly lasting?: string;
  /** Prints what the record of a release has of the data, as JSON members, each after a comma. */
  readonly record: Script;
}

const NOTHING: MigrationPart = { summary: [], backup: [], migrate: [], backups: [], record: sh`:` };

/** Backup first, then the migration: in `deploy`, and alone. */
export function migrationPart(
  place: Place,
  facts: Pick<AppFacts, "state" | "releases">,
  context: Drafting,
  migrating: Migrating,
): MigrationPart {
  const { migrate, databases } = place.app;
  const data = recordOfData(place, migrating.keepers, migrating);
  if (!migrate || databases.length === 0 || !migrating.concerned) return { ...NOTHING, record: data };
  if (migrating.skip) {
    return { ...NOTHING, record: data, summary: [{ label: "data", text: "migrations are left out: --no-migrate" }] };
  }
  const guard = migrate.at === "deploy" && migrate.pending ? pendingGuard(migrating.next(migrate.pending)) : migrating.changed;
  const { backups, steps } = backupSteps(place, facts, context, {
    subjects: databases,
    reason: "migrate",
    because: migrate.at === "start" ? "the new version may migrate when it starts" : "before every migration",
    guard,
    keepers: migrating.keepers,
    release: migrating.release,
    head: migrate.head && headOf(migrating.live(migrate.head)),
  });
  const names = backups.map((backup) => backup.name).join(" and ");
  const lasting = "the database may be migrated, in part or in whole";
  const asItWas = `${lasting}: ${names} has it as it was (tend restore ${place.app.name} ${backups[0]?.name})`;
  const record = recordOfData(place, migrating.keepers, migrating, backups);
  if (migrate.at === "start") {
    const text = "it migrates when it starts → backup first";
    return { summary: [{ label: "data", text }], backup: steps, migrate: [], backups, lasting: asItWas, record };
  }
  return {
    summary: [
      { label: "data", text: migrate.pending ? "if migrations are pending: backup, then migrate" : "backup, then migrate" },
    ],
    backup: steps,
    migrate: [migrateStep(place, migrating, backups, lasting, guard)],
    backups,
    record,
  };
}

/** What is pending, applied by what is there, behind a backup; nothing else is changed. */
export function migrationDraft({ app, host }: Place, { summary, backup, migrate, backups }: MigrationPart): Draft {
  return {
    title: `migrate ${app.name} on ${host.name}`,
    summary,
    steps: [...backup, ...migrate],
    undo: [],
    watch: [],
    outcome: `nothing is pending any more at ${app.name}`,
    undoneBy: backups[0] && `tend restore ${app.name} ${backups[0].name}`,
  };
}

function migrateStep(
  place: Place,
  migrating: Migrating,
  backups: readonly PlannedBackup[],
  lasting: string,
  guard: Guard | undefined,
): Step {
  const { migrate, name } = place.app;
  return {
    id: "migrate",
    title: "migrate",
    because: "the new code expects it",
    effect: "changes",
    phase: "switch",
    guard,
    lasting,
    action: exec([migrating.next(migrate?.run ?? [])]),
    fails: {
      id: "migrate.failed",
      title: `a migration of ${name} failed`,
      why: "the release that was serving serves on, with the database as the migration left it",
      help: `tend restore ${name} ${backups[0]?.name}`,
    },
  };
}

/** What can't be told counts as pending: a backup too many harms nobody. */
function pendingGuard(pending: Script): Guard {
  return {
    id: "pending",
    text: "migrations are pending, or it can't be told",
    otherwise: "no migration is pending",
    check: sh`pending=$( ${pending}) || exit 0
[ -n "$pending" ]`,
  };
}

/** What prints the migration that a running app's databases are at, if it declares how to ask. */
export function liveHead({ app }: Pick<Place, "app">, situation: Pick<Situation, "command">): Script | undefined {
  return app.migrate?.head && headOf(situation.command(app.migrate.service, app.migrate.head, "live"));
}

/** The last line that the command prints, as far as it can be a migration's name. */
function headOf(head: Script): Script {
  return sh`${head} 2>/dev/null | tail -n 1 | tr -cd 'A-Za-z0-9._:+ -' | cut -c 1-100`;
}

/** What a release's record says of the data once the release is live. */
export function recordOfData(
  place: Place,
  keepers: Keepers,
  { live }: Pick<Migrating, "live">,
  backups: readonly PlannedBackup[] = [],
): Script {
  const { databases, migrate } = place.app;
  if (databases.length === 0) return sh`:`;
  const schemas = databases.flatMap((database) => {
    const print = engineOf(database).schema?.(database, keepers);
    return print
      ? [
          sh`sum=$( { ${print}; } 2>/dev/null | ${SCHEMA_SUM}); [ -z "$sum" ] || { printf '%s"%s":"%s"' "$comma" ${database.name} "$sum"; comma=,; }`,
        ]
      : [];
  });
  const taken = backups.map(
    ({ subject, name, kept }) => sh`[ ! -s ${kept} ] || { printf '%s"%s":"%s"' "$comma" ${subject.name} ${name}; comma=,; }`,
  );
  return lines([
    migrate?.head ? sh`head=$( ${headOf(live(migrate.head))}); [ -z "$head" ] || printf ',"head":"%s"' "$head"` : sh`:`,
    sh`printf ',"schemas":{'; comma=`,
    ...schemas,
    sh`printf '},"backups":{'; comma=`,
    ...taken,
    sh`printf '}'`,
  ]);
}
