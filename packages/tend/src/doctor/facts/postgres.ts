import { ident, psqlArgv, text } from "../../database/postgres/psql.ts";
import type { PostgresDatabase } from "../../model/data.ts";
import { command, lines, type Script, sh } from "../../transport/argv.ts";
import { declaredIn } from "../databases.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** A PostgreSQL server that declared databases are in, asked inside its container as the role that tend acts as. */
export interface ServerSeen {
  readonly container: string;
  readonly user: string;
  /** Why it answered nothing, or not all. */
  readonly trouble?: { readonly kind: TroubleKind; readonly said: string };
  readonly version: string;
  readonly connections: { readonly used: number; readonly most: number };
  readonly archive?: { readonly failed: number; readonly lastFailed?: string; readonly lastDone?: string; readonly wal?: string };
  /** Of the declared ones, those that are there. */
  readonly databases: readonly DatabaseSeen[];
  /** Of the declared owners, those that are there. */
  readonly roles: readonly string[];
  /** When each role's newest session began. */
  readonly sessions: Readonly<Record<string, string>>;
  readonly slots: readonly SlotSeen[];
}

export type TroubleKind = "absent" | "stopped" | "starting" | "silent" | "full" | "refused" | "unasked";

export interface DatabaseSeen {
  readonly name: string;
  /** Connections are let in. */
  readonly open: boolean;
  readonly bytes: number;
  /** The version of the collation that its indexes were made with, and that of the system library now. */
  readonly collation?: { readonly recorded?: string; readonly actual?: string };
  /** What only a connection to it tells; undefined where none could be had. */
  readonly inside?: {
    readonly extensions: readonly string[];
    /** `schema.name` of tables, views and sequences. */
    readonly relations: readonly string[];
  };
}

export interface SlotSeen {
  readonly name: string;
  readonly plugin?: string;
  readonly database?: string;
  readonly active: boolean;
  /** Who reads it: the application's name and its address. */
  readonly reader?: { readonly name: string; readonly address?: string };
  /** Bytes of the write-ahead log that it holds back. */
  readonly held: number;
  readonly status?: string;
  /** From PostgreSQL 17 on. */
  readonly inactiveSince?: string;
}

/** Seconds: a container that ends while it is asked may never answer. */
const A_SERVER = 7;

/** Every server that declared databases are in: one psql for each. */
export const postgres = hostPart<readonly ServerSeen[] | undefined>({
  within: 15,
  script: (scene) => {
    const servers = new Map<string, readonly PostgresDatabase[]>();
    for (const { database } of declaredIn(scene)) {
      const key = `${database.container} ${database.user}`;
      servers.set(key, [...(servers.get(key) ?? []), database]);
    }
    return servers.size === 0 ? undefined : lines([...servers].map(([key, databases]) => question(key, databases)));
  },
  read: ({ stdout, stderr }) => {
    const asked = stdout.split(/^server /m).slice(1);
    if (asked.length === 0) throw new Unmeasured(stderr.trim() || "nothing was answered");
    return asked.map(serverOf);
  },
});

/** Names that were asked for once are asked for once. */
function array(names: readonly (string | undefined)[]): string {
  const known = [...new Set(names.flatMap((name) => name ?? []))].map(text);
  return `array[${known.join(",")}]::text[]`;
}

/**
 * Not ended by its first error: a database that can't be connected to says so, and the next one is asked all the same.
 * What only newer servers have is looked up by name in the row as JSON.
 */
function question(key: string, databases: readonly PostgresDatabase[]): Script {
  const [first] = databases as readonly [PostgresDatabase];
  const wanted = array(databases.map(({ database }) => database));
  const owners = array(databases.map(({ owner }) => owner));
  const inside = [...new Set(databases.map(({ database }) => database))].map(
    (name) => `\\connect ${ident(name)}
select 'fact '::text || jsonb_build_object('inside', jsonb_build_object('database', current_database(),
  'extensions', (select coalesce(jsonb_agg(extname), '[]') from pg_catalog.pg_extension),
  'relations', (select coalesce(jsonb_agg(name), '[]') from (select n.nspname || '.' || c.relname as name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    order by 1 limit 5000) r)));`,
  );
  const sql = `
select 'fact '::text || jsonb_build_object('version', current_setting('server_version'), 'connections', jsonb_build_object(
  'used', (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend'),
  'most', current_setting('max_connections')::int));
select 'fact '::text || jsonb_build_object('databases', coalesce(jsonb_agg(jsonb_build_object('name', d.datname, 'open', d.datallowconn,
  'bytes', case when has_database_privilege(d.oid, 'connect') then pg_database_size(d.oid) else 0 end)), '[]'))
from pg_catalog.pg_database d where d.datname = any(${wanted});
select current_setting('server_version_num')::int >= 150000 as collated \\gset
\\if :collated
select 'fact '::text || jsonb_build_object('collations', jsonb_object_agg(datname, jsonb_strip_nulls(jsonb_build_object(
  'recorded', datcollversion, 'actual', pg_database_collation_actual_version(oid))))) from pg_catalog.pg_database where datname = any(${wanted});
\\endif
select 'fact '::text || jsonb_build_object('roles', coalesce(jsonb_agg(rolname), '[]')) from pg_catalog.pg_roles where rolname = any(${owners});
select 'fact '::text || jsonb_build_object('sessions', coalesce(jsonb_object_agg(usename, began), '{}')) from (
  select usename, max(backend_start) as began from pg_catalog.pg_stat_activity where usename is not null group by 1) s;
select 'fact '::text || jsonb_build_object('slots', coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('name', s.slot_name, 'plugin', s.plugin,
  'database', s.database, 'active', s.active, 'status', to_jsonb(s)->>'wal_status', 'inactiveSince', to_jsonb(s)->>'inactive_since',
  'held', coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, s.restart_lsn), 0),
  'reader', case when a.pid is not null then jsonb_build_object('name', a.application_name, 'address', host(a.client_addr)) end)) order by s.slot_name), '[]'))
from pg_catalog.pg_replication_slots s left join pg_catalog.pg_stat_activity a on a.pid = s.active_pid where not s.temporary;
select 'fact '::text || jsonb_build_object('archive', jsonb_strip_nulls(jsonb_build_object('failed', failed_count, 'lastFailed', last_failed_time,
  'lastDone', last_archived_time, 'wal', last_failed_wal))) from pg_catalog.pg_stat_archiver where current_setting('archive_mode') <> 'off';
${inside.join("\n")}`;
  const argv = psqlArgv(first, "template1").filter((word) => word !== "--set=ON_ERROR_STOP=1");
  return sh`printf 'server %s\n' ${key}
printf '%s\n' ${sql} | timeout -k 1 ${A_SERVER} ${command(["docker", "exec", "--interactive", first.container, ...argv])} 2>&1`;
}

interface Told {
  version: string;
  connections: ServerSeen["connections"];
  archive?: ServerSeen["archive"];
  databases: DatabaseSeen[];
  collations: Record<string, DatabaseSeen["collation"]>;
  roles: string[];
  sessions: Record<string, string>;
  slots: SlotSeen[];
  inside: { database: string; extensions: string[]; relations: string[] };
}

function serverOf(answer: string): ServerSeen {
  const [head = "", ...said] = answer.split("\n");
  const [container = "", user = ""] = head.split(" ");
  const told = said.flatMap((line) => (line.startsWith("fact ") ? [JSON.parse(line.slice(5)) as Partial<Told>] : []));
  const all: Partial<Told> = Object.assign({}, ...told);
  const inside = told.flatMap((one) => (one.inside ? [one.inside] : []));
  const other = said.filter((line) => line.trim() !== "" && !line.startsWith("fact ")).join("\n");
  return {
    container,
    user,
    trouble: all.version === undefined ? { kind: kindOf(other), said: other || `no answer within ${A_SERVER} s` } : undefined,
    version: all.version ?? "",
    connections: all.connections ?? { used: 0, most: 0 },
    archive: all.archive,
    databases: (all.databases ?? []).map((one) => ({
      ...one,
      collation: all.collations?.[one.name],
      inside: inside.find(({ database }) => database === one.name),
    })),
    roles: all.roles ?? [],
    sessions: all.sessions ?? {},
    slots: all.slots ?? [],
  };
}

/** As Docker and PostgreSQL say it; the one place that knows their words. */
const KINDS: readonly (readonly [TroubleKind, RegExp])[] = [
  ["absent", /no such container/i],
  [
    "stopped",
    /container \S+ is (not running|restarting|paused)|cannot exec in a (stopped|deleted)|container not running|procReady not received/i,
  ],
  ["starting", /the database system is (starting up|not yet accepting connections|shutting down|in recovery)/i],
  ["full", /too many clients already|remaining connection slots are reserved/i],
  ["refused", /role "[^"]*" does not exist|authentication failed|no pg_hba\.conf entry|is not permitted to log in/i],
  ["silent", /connection to server .* failed|could not connect to server/i],
];

function kindOf(said: string): TroubleKind {
  return KINDS.find(([, pattern]) => pattern.test(said))?.[0] ?? "unasked";
}
