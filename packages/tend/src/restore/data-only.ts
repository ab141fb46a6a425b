import { aboutFile, payloadFile } from "../backup/read.ts";
import { incoming, type Source, verifyStep } from "../backup/source.ts";
import { backupSteps } from "../backup/steps.ts";
import { emptyAgain, loadRows, rowsAfter, stillEmpty } from "../database/postgres/data-only.ts";
import type { PostgresFacts } from "../database/postgres/situation.ts";
import { liveHead } from "../migrate/part.ts";
import type { PostgresDatabase } from "../model/data.ts";
import { Failure } from "../model/failure.ts";
import { appKey } from "../observe/place.ts";
import { exec } from "../plan/print.ts";
import type { Draft, Drafting, Place, Situation } from "../runtime/runtime.ts";
import { blocksData } from "../schema/blocks-data.ts";
import { compareSchemas } from "../schema/compare.ts";
import { parseObjects } from "../schema/objects.ts";
import { differenceLines } from "../schema/show.ts";
import { type Script, sh } from "../transport/argv.ts";

export interface DataOnlyInput {
  readonly subject: PostgresDatabase;
  readonly source: Source;
  readonly about: string;
  readonly facts: PostgresFacts;
  /** The lines that the live database tells of itself: its objects and its rows. */
  readonly live: string;
}

/** Where migration tools keep their books. The same migrations, applied on another day, are other rows. */
const BOOKS: ReadonlySet<string> = new Set(
  [
    ["schema_migrations", "ar_internal_metadata", "alembic_version", "django_migrations", "_prisma_migrations"],
    ["flyway_schema_history", "databasechangelog", "databasechangeloglock", "goose_db_version", "__drizzle_migrations"],
    ["knex_migrations", "knex_migrations_lock", "kysely_migration", "kysely_migration_lock", "pgmigrations"],
    ["__EFMigrationsHistory", "doctrine_migration_versions", "_sqlx_migrations", "__diesel_schema_migrations"],
  ].flat(),
);

/**
 * The rows alone, into tables that are there and empty: the schema is the migrations' business, and must be the same
 * on both sides. A table that has the very same rows already is left out, and so are the migrations' own books.
 */
export function planDataOnly(place: Place, situation: Situation, context: Drafting, input: DataOnlyInput): Draft {
  const { app, host } = place;
  const { subject, source, about, facts } = input;
  const keepers = situation.keepers(context.run);
  const folder = `${situation.facts.state}/runs/${context.run}`;
  refuseDrift(place, input);
  const { same, books } = refuseRows(place, input);
  const left = new Set([...same, ...books]);
  const inbound = incoming(place, source, about);
  const stop = situation.power(context, "stop", []);
  const start = situation.power(context, facts.slots.length > 0 ? "renew" : "start", []);
  const before = backupSteps(place, situation.facts, context, {
    subjects: [subject],
    reason: "pre-restore",
    because: "what is there now may be wanted again",
    keepers,
    head: liveHead(place, situation),
    prefix: "before-",
  });
  const told = `${folder}/about-${subject.name}.jsonl`;
  const expected = rowsOf(about).filter((line) => !left.has(line.table));
  const tables = expected.map(({ table }) => table);
  const step = (
    id: string,
    title: string,
    because: string,
    effect: "reads" | "changes",
    phase: "prepare" | "switch",
    action: Draft["steps"][number]["action"],
  ) => ({
    id: `${id}-${subject.name}`,
    title,
    because,
    effect,
    phase,
    action,
  });
  const after = rowsAfter(subject, told, `${folder}/loaded-${subject.name}.jsonl`, books);
  return {
    title: `restore the rows of ${subject.name} of ${app.name} from ${source.manifest.name}`,
    summary: [
      { label: "rows", text: `${expected.reduce((sum, { count }) => sum + count, 0)} in ${expected.length} tables` },
      { label: "schema", text: "the same on both sides, as far as rows depend on it" },
      ...(same.length > 0 ? [{ label: "leaves", text: `${same.join(", ")}: the very same rows are there` }] : []),
      ...(books.length > 0 ? [{ label: "leaves", text: `${books.join(", ")}: the same migrations were applied here` }] : []),
    ],
    steps: [
      verifyStep(place, source, subject, keepers),
      ...before.steps,
      step(
        "told",
        "read the rows that the backup tells of",
        "to hold the tables against",
        "reads",
        "prepare",
        inbound.bring(aboutFile(source.manifest), sh`umask 077; awk '/^\{"rows"/' >${told}`),
      ),
      ...stop.steps,
      {
        ...step(
          "empty",
          "the tables are still empty",
          "the app could write until now",
          "reads",
          "switch",
          exec([stillEmpty(subject, tables)]),
        ),
        fails: { id: "restore.not-empty", title: "somebody has written rows since it was looked at" },
      },
      {
        ...step(
          "rows",
          `load the rows of ${source.manifest.name}`,
          "in one transaction, with triggers and foreign keys at rest",
          "changes",
          "switch",
          inbound.bring(payloadFile(source.manifest), unless(after, loadRows(subject, [...left], context.run))),
        ),
        fails: {
          id: "restore.failed",
          title: `the rows of ${source.manifest.name} could not be loaded`,
          why: "it was one transaction: none of them is there",
        },
      },
      {
        ...step(
          "compare",
          "count and hash what is there now",
          "as many rows as the backup has, and the same",
          "reads",
          "switch",
          exec([...after]),
        ),
        fails: { id: "restore.differs", title: "what was loaded is not what was backed up" },
      },
      ...start.steps,
    ],
    undo: [
      {
        of: `rows-${subject.name}`,
        title: `empty ${tables.join(", ")} again`,
        action: exec([emptyAgain(subject, tables)]),
      },
      ...start.steps
        .filter((one) => one.action.kind === "exec" || one.action.kind === "wait")
        .map((one) => ({
          of: stop.steps[0]?.id ?? "stop",
          title: `${one.title} again`,
          action: one.action as Draft["undo"][number]["action"],
        })),
    ],
    watch: [],
    nothing: expected.some(({ count }) => count > 0)
      ? undefined
      : `${subject.database} has the very same rows as ${source.manifest.name}`,
    outcome: `${expected.reduce((sum, { count }) => sum + count, 0)} rows of ${source.manifest.name} are in ${subject.database}`,
    undoneBy: before.backups[0] && `tend restore ${app.name} ${before.backups[0].name}`,
    stakes: {
      text: `This loads rows into ${app.name}'s database "${subject.name}" on ${host.name}, while the app is stopped.`,
      name: appKey(app),
    },
  };
}

/** A run that was cut short right after its transaction, and is taken up, finds the rows there. */
function unless(there: readonly Script[], load: Script): Script {
  const all = there.reduce((some, one) => sh`${some} && { ${one}; }`, sh`:`);
  return sh`if ( ${all} ) >/dev/null 2>&1 </dev/null; then cat >/dev/null; exit 0; fi
${load}`;
}

function refuseDrift(place: Place, { about, live, subject, source }: DataOnlyInput): void {
  const differences = compareSchemas(parseObjects(about), parseObjects(live), { owners: false }).filter(blocksData);
  if (differences.length === 0) return;
  throw new Failure({
    id: "restore.schema",
    exit: "refused",
    title: `the schema of ${subject.database} is not that of ${source.manifest.name}: ${differences.length === 1 ? "an object differs" : `${differences.length} objects differ`}`,
    where: `${place.host.name} · ${place.app.name} · ${subject.name}`,
    evidence: [...differenceLines(differences, { left: "the backup", right: "the database", most: 5 })].slice(0, 5),
    why: "rows fit only into the tables that they came from",
    changed: "nothing",
    help: "write a migration that brings the two together, and deploy it; then again",
  });
}

interface Left {
  /** Tables that have the very same rows. */
  readonly same: readonly string[];
  readonly books: readonly string[];
}

/** Tables that have rows must have none to begin with; those that may keep theirs are answered. */
function refuseRows(place: Place, { about, live, subject }: DataOnlyInput): Left {
  const backup = new Map(rowsOf(about).map((line) => [line.table, line]));
  const filled = rowsOf(live).filter(({ count }) => count > 0);
  const same = filled.filter(({ table, hash }) => backup.get(table)?.hash === hash);
  // Their schema is the same, and they are as many: so are the migrations.
  const books = filled.filter(
    (line) => !same.includes(line) && BOOKS.has(line.name) && backup.get(line.table)?.count === line.count,
  );
  const other = filled.filter((line) => !same.includes(line) && !books.includes(line));
  if (other.length > 0) {
    throw new Failure({
      id: "restore.not-empty",
      exit: "refused",
      title: `${other.length === 1 ? `the table ${other[0]?.table} has` : `${other.length} tables have`} rows already`,
      where: `${place.host.name} · ${place.app.name} · ${subject.name}`,
      evidence: other
        .slice(0, 5)
        .map(({ table, count }) => `${table}: ${count} rows; the backup has ${backup.get(table)?.count ?? "none"}`),
      why: "loaded beside them, rows would be there twice, or not at all",
      changed: "nothing",
      help: `tend restore ${place.app.name} BACKUP, without --data-only, replaces the whole database, and keeps what is there`,
    });
  }
  return { same: same.map(({ table }) => table), books: books.map(({ table }) => table) };
}

interface TableRows {
  /** With its schema: `public.users`. */
  readonly table: string;
  readonly name: string;
  readonly count: number;
  readonly hash: string | null;
}

function rowsOf(text: string): readonly TableRows[] {
  return text.split("\n").flatMap((line) => {
    if (!line.startsWith('{"rows":')) return [];
    const { rows, count, hash } = JSON.parse(line) as { rows: readonly string[]; count: number; hash: string | null };
    return [{ table: rows.join("."), name: rows.at(-1) ?? "", count, hash }];
  });
}
