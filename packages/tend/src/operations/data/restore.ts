import { parseAbout } from "../../backup/about.ts";
import type { Entry } from "../../backup/catalogue.ts";
import { choose, collect, nearest, readAbout } from "../../backup/collect.ts";
import { keptBytes } from "../../backup/read.ts";
import type { Source } from "../../backup/source.ts";
import { engineOf, seenBy } from "../../database/index.ts";
import { CONTENTS } from "../../database/postgres/about.ts";
import { psql } from "../../database/postgres/psql.ts";
import type { PostgresFacts } from "../../database/postgres/situation.ts";
import type { RestoreEvent } from "../../journal/events.ts";
import { destinationText } from "../../model/data.ts";
import { Failure } from "../../model/failure.ts";
import type { App } from "../../model/fleet.ts";
import { subjectName } from "../../model/names.ts";
import { appKey, prelude } from "../../observe/place.ts";
import { defineOperation, type Look } from "../../operation.ts";
import { app, flag, named, position, usage } from "../../params.ts";
import { bytes } from "../../render/bytes.ts";
import { duration } from "../../render/time.ts";
import { planDataOnly } from "../../restore/data-only.ts";
import { planRestore, type Replaceable } from "../../restore/plan.ts";
import type { Draft, Drafting, Situation } from "../../runtime/runtime.ts";
import { compareSchemas } from "../../schema/compare.ts";
import { parseObjects } from "../../schema/objects.ts";
import { differenceLines } from "../../schema/show.ts";
import { lines } from "../../transport/argv.ts";

const params = {
  app: app(),
  backup: position("backup", "the backup, as tend backups lists it, or the end of its name; newest for the newest good one"),
  database: named(subjectName, "name", "which database or files, where the app has several and no backup is named"),
  undo: flag("bring back what the last restore has put aside"),
  dataOnly: flag("only the rows, into tables that are there and empty (PostgreSQL)"),
};

interface Chosen {
  readonly look: Look;
  readonly subject: Replaceable;
  /** What the engine has seen. */
  readonly seen: unknown;
  readonly entry?: Entry;
  readonly source?: Source;
  readonly about?: string;
  readonly undo?: RestoreEvent;
  /** What the live database tells of itself: its objects; for --data-only its rows, too. */
  readonly live: string;
}

export const restore = defineOperation({
  kind: "planned",
  name: "restore",
  summary: "Put a backup in the place of a database or files, and keep what was there",
  details: `The backup is verified, what is there now is backed up, and the backup is restored beside it and compared row by
row and object by object while the app still serves. Only then is the app stopped, the two exchanged, and the app started
again. What was there is kept under another name: --undo brings it back. Whatever fails before the exchange has changed
nothing; whatever fails after it is taken back.`,
  effect: "changes",
  asks: "the app's",
  params,
  examples: [
    { command: "tend restore skriptoteket newest", explains: "the newest good backup" },
    { command: "tend restore skriptoteket 7f3a --dry-run", explains: "the backup whose name ends so; only the plan" },
    { command: "tend restore skriptoteket --undo", explains: "the data as it was before the restore" },
  ],
  targets: (input) => {
    if (input.undo === (input.backup !== undefined)) throw usage("restore takes a backup's name, or newest, or --undo");
    return [input.app];
  },
  facts: (look, input) =>
    input.undo ? putAside(look, input.database) : toRestore(look, input.backup as string, input.database, input.dataOnly),
  draft(situation, context, input, chosen): Draft {
    if (!input.dataOnly) return draftOf(situation, context, chosen);
    const { subject, source, about = "", seen, live } = chosen;
    if (subject.kind !== "postgres" || !source) throw usage("--data-only is for backups of PostgreSQL databases");
    return planDataOnly(chosen.look.place, situation, context, { subject, source, about, facts: seen as PostgresFacts, live });
  },
});

async function toRestore(look: Look, given: string, database: string | undefined, rows: boolean): Promise<Chosen> {
  const { place, transport } = look;
  const subjects: readonly Replaceable[] = [...place.app.databases, ...place.app.files];
  const wanted = given === "newest" ? theOne(place.app, subjects, database) : undefined;
  const entry = choose(place, await collect(place, transport), wanted?.name, wanted ? undefined : given);
  const subject = subjects.find((one) => one.name === entry.subject);
  if (!subject) throw usage(`${entry.name} is of "${entry.subject}", which ${place.app.name} doesn't declare`);
  const source = nearest(place, entry);
  const about = await readAbout(place, source, transport);
  return { look, subject, entry, source, about, seen: await seenBy(look, subject), live: await toldBy(look, subject, rows) };
}

async function putAside(look: Look, database: string | undefined): Promise<Chosen> {
  const { place, situation } = look;
  const { restores } = situation.facts;
  const last = restores.findLast((one) => database === undefined || one.subject === database);
  const subject = [...place.app.databases, ...place.app.files].find((one) => one.name === last?.subject);
  if (!last || !subject) {
    throw new Failure({
      id: "restore.none",
      exit: "refused",
      title: `nothing of ${place.app.name}${database ? `'s ${database}` : ""} was restored: there is nothing to undo`,
      changed: "nothing",
      help: `tend journal ${place.app.name}`,
    });
  }
  return { look, subject, undo: last, seen: await seenBy(look, subject), live: "" };
}

/** What the live database says of itself; nothing, where it can't be asked: a restore may be what mends that. */
async function toldBy({ place, transport, situation }: Look, subject: Replaceable, rows: boolean): Promise<string> {
  const keepers = situation.keepers("look");
  const script = rows && subject.kind === "postgres" ? psql(subject, CONTENTS) : engineOf(subject).schema?.(subject, keepers);
  const output = script && (await transport.run(lines([prelude(place.host), script])));
  return output?.exit === 0 ? output.stdout : "";
}

function theOne(app: App, subjects: readonly Replaceable[], name: string | undefined): Replaceable {
  const found = name === undefined ? subjects : subjects.filter((subject) => subject.name === name);
  const [only, ...others] = found.length > 1 ? app.databases : found;
  if (only && others.length === 0) return only;
  throw usage(
    only ? `${app.name} has several: which one?` : `${app.name} has no database or files${name ? ` "${name}"` : ""}`,
    subjects.map((subject) => `--database ${subject.name}`).join(", "),
  );
}

function draftOf(situation: Situation, context: Drafting, chosen: Chosen): Draft {
  const { look, subject, source, about, undo, seen } = chosen;
  const { app, host } = look.place;
  const called =
    subject.kind === "postgres"
      ? ` (${subject.database} in ${subject.container})`
      : subject.kind === "sqlite"
        ? ` (${subject.path})`
        : "";
  const what = `${app.name}'s ${subject.kind === "files" ? "files" : "database"} "${subject.name}"${called} on ${host.name}`;
  return planRestore(
    look.place,
    situation,
    context,
    { subject, facts: seen, source, about, former: undo?.former },
    {
      title: source
        ? `restore ${subject.name} of ${app.name} from ${source.manifest.name}`
        : `undo the restore of ${subject.name} of ${app.name}`,
      summary: source
        ? [...backupLines(situation, context, source, chosen), ...schemaLine(chosen)]
        : [{ label: "data", text: `${undo?.former} comes back` }],
      stakes: { text: `This replaces the data of ${what}.`, name: appKey(app) },
    },
  );
}

function backupLines(situation: Situation, context: Drafting, { manifest, from }: Source, chosen: Chosen) {
  const size = keptBytes(manifest);
  const live = situation.facts.releases.at(-1);
  const then = [
    manifest.release === undefined ? undefined : `release ${manifest.release}`,
    manifest.head && `head ${manifest.head}`,
  ].filter(Boolean);
  const today = [live && `release ${live.release}`, live?.head && `head ${live.head}`].filter(Boolean);
  const passed = (context.now.getTime() - Date.parse(manifest.at)) / 1000;
  return [
    {
      label: "backup",
      text: `${manifest.at.slice(0, 16).replace("T", " ")} UTC, ${bytes(size)}, from ${destinationText(from)}${then.length > 0 ? `; ${then.join(", ")}` : ""}${today.length > 0 ? ` — today: ${today.join(", ")}` : ""}`,
    },
    { label: "loses", text: `what was written in the last ${duration(passed)}${rowsLost(chosen)}; a backup of it is made first` },
    { label: "first", text: "the backup is restored beside what is live, and compared" },
    { label: "outage", text: `while the app is stopped and started${connectedNow(chosen)}` },
  ];
}

/** ` (rows now against then: users +3, runs +212)`: which tables have more rows, or fewer, than the backup. PostgreSQL only estimates them. */
function rowsLost({ subject, about = "", seen, live }: Chosen): string {
  if (subject.kind === "files") return "";
  const now = subject.kind === "postgres" ? ((seen as PostgresFacts).database?.rows ?? {}) : Object.fromEntries(rowCounts(live));
  const changes = rowCounts(about)
    .map(([table, count]) => ({ table: table.replace(/^(public|main)\./, ""), by: (now[table] ?? count) - count }))
    .filter(({ by }) => by !== 0)
    .sort((one, other) => Math.abs(other.by) - Math.abs(one.by));
  if (changes.length === 0) return "";
  const shown = changes.slice(0, 3).map(({ table, by }) => `${table} ${by > 0 ? "+" : "−"}${Math.abs(by)}`);
  return ` (rows now against then: ${subject.kind === "postgres" ? "about " : ""}${shown.join(", ")}${changes.length > 3 ? ", …" : ""})`;
}

function rowCounts(lines: string): readonly (readonly [table: string, count: number])[] {
  return parseAbout(Buffer.from(lines)).flatMap((line) =>
    line.kind === "rows" ? [[line.rows.join("."), line.count] as const] : [],
  );
}

/** Whoever is connected to the database is sent away for the exchange: not only the app may be. */
function connectedNow({ subject, seen }: Chosen): string {
  const connections = subject.kind === "postgres" ? ((seen as PostgresFacts).database?.connections ?? []) : [];
  if (connections.length === 0) return "";
  return `; connected now: ${connections.map(({ who, count }) => (count > 1 ? `${who} (${count})` : who)).join(", ")}`;
}

/** Older data may have another schema than today's code was made for. */
function schemaLine({ about = "", live, look }: Chosen) {
  if (live === "") return [];
  const differences = compareSchemas(parseObjects(about), parseObjects(live), { owners: false });
  if (differences.length === 0) return [{ label: "schema", text: "the same as today's" }];
  const migrates = look.place.app.migrate !== undefined;
  const then = migrates
    ? "migrations are applied to it"
    : `tend rollback ${look.place.app.name} --with-data brings the code back too`;
  const shown = differenceLines(differences, { left: "the backup", right: "today's", most: 3 });
  return [{ label: "schema", text: `differs from today's; ${then}` }, ...shown.map((text) => ({ label: "", text }))];
}
