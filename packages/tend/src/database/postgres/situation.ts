import type { PostgresDatabase } from "../../model/data.ts";
import { type Probe, probe } from "../../observe/observe.ts";
import { sh } from "../../transport/argv.ts";
import { inContainer, inContainerReading, psqlArgv, text } from "./psql.ts";

/** A server, and a database of it, before something is done to it. */
export interface PostgresFacts {
  /** Why it can't be asked. */
  readonly trouble?: string;
  /** 170011 is 17.11. */
  readonly version: number;
  readonly server: string;
  /** The user may create databases and end other sessions. */
  readonly superuser: boolean;
  /** The database as it is; undefined while it doesn't exist. */
  readonly database?: {
    readonly bytes: number;
    readonly owner: string;
    /** Connections are let in; an exchange of names that was cut off may have left it otherwise. */
    readonly open: boolean;
    readonly tables: number;
    /** As the server's statistics have them: near the truth, and for nothing. */
    readonly rows: Readonly<Record<string, number>>;
    readonly connections: readonly { readonly who: string; readonly count: number }[];
  };
  /** Logical slots of the database: whoever reads them keeps it from being renamed. */
  readonly slots: readonly Slot[];
  readonly roles: readonly string[];
  readonly extensions: readonly string[];
  /** Databases that earlier restores have put aside, and scratch ones: their names and sizes. */
  readonly kept: readonly { readonly name: string; readonly bytes: number }[];
  /** Free bytes where the server keeps its data. */
  readonly free?: number;
}

export interface Slot {
  readonly name: string;
  readonly plugin: string;
  readonly active: boolean;
}

export function postgresProbe(database: PostgresDatabase): Probe<PostgresFacts> {
  const name = text(database.database);
  const sql = `
select 'fact {"version":' || current_setting('server_version_num') || ',"server":' || to_json(current_setting('server_version'))
  || ',"superuser":' || (select rolsuper from pg_catalog.pg_roles where rolname = current_user) || '}';
select 'fact ' || jsonb_build_object('database', jsonb_build_object(
  'bytes', pg_database_size(d.oid), 'owner', pg_get_userbyid(d.datdba), 'open', d.datallowconn, 'tables', 0,
  'connections', coalesce((select jsonb_agg(jsonb_build_object('who', a.who, 'count', a.n)) from (
    select coalesce(nullif(application_name, ''), usename, backend_type) as who, count(*) as n
    from pg_catalog.pg_stat_activity where datid = d.oid group by 1 order by 1) a), '[]')))::text
from pg_catalog.pg_database d where d.datname = ${name};
select 'fact ' || jsonb_build_object('slots', coalesce(jsonb_agg(jsonb_build_object('name', slot_name, 'plugin', plugin, 'active', active) order by slot_name), '[]'))::text
from pg_catalog.pg_replication_slots where database = ${name} and slot_type = 'logical' and not temporary;
select 'fact ' || jsonb_build_object('roles', jsonb_agg(rolname))::text from pg_catalog.pg_roles;
select 'fact ' || jsonb_build_object('extensions', jsonb_agg(name))::text from pg_catalog.pg_available_extensions;
select 'fact ' || jsonb_build_object('kept', coalesce(jsonb_agg(jsonb_build_object('name', datname, 'bytes', pg_database_size(oid)) order by datname), '[]'))::text
from pg_catalog.pg_database where starts_with(datname, ${text(`${database.database}__`)});
select 'folder ' || current_setting('data_directory');`;
  const tables = `select 'tables ' || count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)';
select 'rows ' || json_object_agg(schemaname || '.' || relname, n_live_tup) from pg_catalog.pg_stat_user_tables;`;
  return probe(
    sh`answer=$(printf '%s\n' ${sql} | ${inContainerReading(database, ...psqlArgv(database, "template1"))}) || exit 1
printf '%s\n' "$answer"
folder=$(printf '%s\n' "$answer" | sed -n 's/^folder //p')
${inContainer(database, "df", "-Pk")} "$folder" 2>/dev/null | tail -n 1 | { read -r _ _ _ free _ && echo "free $free"; }
printf '%s\n' ${tables} | ${inContainerReading(database, ...psqlArgv(database))} 2>/dev/null
:`,
    (seen) => {
      if (seen.exit !== 0) return { ...UNKNOWN, trouble: seen.stderr.trim() || `docker ended with status ${seen.exit}` };
      const said = (what: string) => new RegExp(`^${what} (\\d+)$`, "m").exec(seen.stdout)?.[1];
      const told = seen.stdout.split("\n").filter((line) => line.startsWith("fact "));
      const facts = Object.assign({}, UNKNOWN, ...told.map((line) => JSON.parse(line.slice(5)))) as PostgresFacts;
      const free = said("free");
      return {
        ...facts,
        database: facts.database && { ...facts.database, tables: Number(said("tables") ?? 0), rows: rowsOf(seen.stdout) },
        free: free === undefined ? undefined : Number(free) * 1024,
      };
    },
  );
}

function rowsOf(text: string): Readonly<Record<string, number>> {
  const told = /^rows (\{.*\})$/m.exec(text)?.[1];
  return told === undefined ? {} : (JSON.parse(told) as Record<string, number>);
}

const UNKNOWN: PostgresFacts = { version: 0, server: "", superuser: false, slots: [], roles: [], extensions: [], kept: [] };
