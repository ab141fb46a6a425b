import type { PostgresDatabase } from "../../model/data.ts";
import { type Script, sh } from "../../transport/argv.ts";
import { ABOUT, BEGIN } from "./about.ts";
import { ident, inContainerReading, psql, psqlArgv, text } from "./psql.ts";
import type { Slot } from "./situation.ts";

/** What is asked where the database itself can't be: while it is renamed, or isn't there. */
const ELSEWHERE = "template1";

/** A new database as the old one is set up, empty: from template0, which nobody has put anything into. */
export function createLike(database: PostgresDatabase, name: string): Script {
  const { database: model, owner, user } = database;
  const sql = `
select format('create database %I template template0 owner %I encoding %L lc_collate %L lc_ctype %L', ${text(name)},
    pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype)
  || case to_jsonb(d) ->> 'datlocprovider'
    when 'i' then format(' locale_provider icu icu_locale %L', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'))
    when 'b' then format(' locale_provider builtin builtin_locale %L', to_jsonb(d) ->> 'datlocale')
    else '' end
from pg_catalog.pg_database d where d.datname = ${text(model)} \\gexec
select format('create database %I template template0 owner %I', ${text(name)}, ${text(owner ?? user)})
where not exists (select from pg_catalog.pg_database where datname = ${text(name)}) \\gexec`;
  return sh`${drop(database, name)}
${psql(database, sql, ELSEWHERE)}`;
}

/** Only ever a database that tend itself has made: its name says so. */
export function drop(database: PostgresDatabase, name: string): Script {
  if (!name.startsWith(`${database.database}__`)) throw new TypeError(`${name} is no database of tend's`);
  return psql(
    database,
    `select pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = ${text(name)} \\g /dev/null
drop database if exists ${ident(name)};`,
    ELSEWHERE,
  );
}

/**
 * Reads an archive from stdin into a database. Two sessions load a large one, which takes a file: in the container's own
 * /tmp, for as long as it is needed, if there is room; a small one, or one for which there is none, goes in as it comes.
 */
export function load(
  database: PostgresDatabase,
  name: string,
  archive: { readonly bytes: number; readonly run: string },
  flags: readonly string[] = [],
): Script {
  const restore = ["pg_restore", "--username", database.user, "--dbname", name, "--no-password", "--exit-on-error", ...flags];
  if (archive.bytes < LARGE || flags.includes("--single-transaction")) return inContainerReading(database, ...restore);
  const file = `/tmp/.tend-${archive.run}`;
  const inside = sh`umask 077
file=${file}
trap 'rm -f "$file"' EXIT
room=$(df -Pk /tmp 2>/dev/null | tail -n 1 | { read -r _ _ _ free _; echo "$free"; })
if [ "$(( room / 1024 ))" -gt ${Math.ceil((archive.bytes / 1024 / 1024) * 1.1) + 64} ] && : 2>/dev/null >"$file"
then cat >"$file" && ${restore} --jobs 2 "$file"
else ${restore}
fi`;
  return inContainerReading(database, "sh", "-c", inside.text);
}

/** Bytes from which on a second session is worth a file. */
const LARGE = 8 * 1024 * 1024;

/** The new database gets what a dump doesn't carry: settings, for all and for roles, and who may connect. */
export function carrySettings(database: PostgresDatabase, name: string): Script {
  const sql = `
select format('select set_config(%L, %L, false) \\g /dev/null' || chr(10) || 'alter %s set %I from current;',
    split_part(entry, '=', 1), substr(entry, strpos(entry, '=') + 1),
    case when s.setrole = 0 then format('database %I', ${text(name)}) else format('role %I in database %I', pg_get_userbyid(s.setrole), ${text(name)}) end,
    split_part(entry, '=', 1))
from pg_catalog.pg_db_role_setting s join pg_catalog.pg_database d on d.oid = s.setdatabase, unnest(s.setconfig) entry
where d.datname = ${text(database.database)};
select format('revoke all on database %I from public;', ${text(name)})
from pg_catalog.pg_database where datname = ${text(database.database)} and datacl is not null;
select format('grant %s on database %I to %s;', a.privilege_type, ${text(name)}, case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end)
from pg_catalog.pg_database d, aclexplode(d.datacl) a where d.datname = ${text(database.database)};`;
  return sh`settings=$( ${psql(database, sql, ELSEWHERE)}) || exit 1
printf '%s\n' "$settings" | ${inContainerReading(database, ...psqlArgv(database, ELSEWHERE))}`;
}

/** The planner's statistics, which a dump of these versions doesn't have: without them the first hours are slow. */
export function analyze(database: PostgresDatabase, name: string): Script {
  return psql(database, "analyze;", name);
}

/** Lines of about.jsonl of any database of the server. */
export function aboutOf(database: PostgresDatabase, name: string): Script {
  return psql(database, `${BEGIN}${ABOUT}`, name);
}

/** Every sequence that feeds a column is past what is in it: a partial restore leaves it at 1. */
export function sequencesBehind(database: PostgresDatabase, name: string): Script {
  const sql = `${BEGIN}
select format($sql$select %L || ' is at ' || s.last_value || ', ' || %L || ' has ' || m.max from %I.%I s,
  (select max(%I)::bigint as max from %I.%I) m where m.max > s.last_value$sql$,
  sn.nspname || '.' || sc.relname, tn.nspname || '.' || tc.relname || '.' || a.attname,
  sn.nspname, sc.relname, a.attname, tn.nspname, tc.relname)
from pg_catalog.pg_depend d
join pg_catalog.pg_class sc on sc.oid = d.objid and sc.relkind = 'S' join pg_catalog.pg_namespace sn on sn.oid = sc.relnamespace
join pg_catalog.pg_class tc on tc.oid = d.refobjid join pg_catalog.pg_namespace tn on tn.oid = tc.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
join pg_catalog.pg_sequence q on q.seqrelid = sc.oid and q.seqincrement > 0 and not q.seqcycle
where d.classid = 'pg_catalog.pg_class'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
  and d.deptype in ('a', 'i') and a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
\\gexec`;
  return sh`behind=$( ${psql(database, sql, name)}) || exit 1
[ -z "$behind" ] || { printf 'error: %s\n' "$behind"; exit 1; }`;
}

/**
 * `live` becomes `former`, and `next` becomes `live`, in one transaction: there is no moment with neither. Nobody may
 * connect meanwhile; whoever still is, is sent away. Done already, it is left as it is.
 */
export function swapNames(
  database: PostgresDatabase,
  names: { readonly live: string; readonly next: string; readonly former: string },
): Script {
  const { live, next, former } = names;
  const has = (name: string) => `exists (select from pg_catalog.pg_database where datname = ${text(name)})`;
  const away = (name: string) => `
select pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = ${text(name)} and pid <> pg_backend_pid() \\g /dev/null`;
  const sql = `
select case when ${has(next)} then 'true' else 'false' end as todo \\gset
\\if :todo
select format('alter database %I with allow_connections false', datname) from pg_catalog.pg_database where datname in (${text(live)}, ${text(next)}) \\gexec
${away(live)}${away(next)}
select pg_sleep(0.2) \\g /dev/null
${away(live)}${away(next)}
begin;
select format('alter database %I rename to %I', ${text(live)}, ${text(former)}) where ${has(live)} \\gexec
alter database ${ident(next)} rename to ${ident(live)};
commit;
alter database ${ident(live)} with allow_connections true;
\\endif
alter database ${ident(live)} with allow_connections true;`;
  return psql(database, sql, ELSEWHERE);
}

/** Whatever came of a swap: the database that bears the name may be connected to. */
export function openAgain(database: PostgresDatabase): Script {
  const sql = `select format('alter database %I with allow_connections true', datname) from pg_catalog.pg_database where datname = ${text(database.database)} \\gexec`;
  return psql(database, sql, ELSEWHERE);
}

/**
 * Slots stay with the database that they were made in, and hold its log back for ever: they go before it is put aside.
 * Whoever reads one is sent away, and can't come back to the database before it has its name again.
 */
export function dropSlots(database: PostgresDatabase, slots: readonly Slot[]): Script {
  const names = slots.map((slot) => text(slot.name)).join(", ");
  const sql = `
select format('alter database %I with allow_connections false', datname) from pg_catalog.pg_database where datname = ${text(database.database)} \\gexec
do $$ begin
  for attempt in 1 .. 100 loop
    perform pg_terminate_backend(active_pid) from pg_catalog.pg_replication_slots where slot_name in (${names}) and active;
    exit when not found;
    perform pg_sleep(0.1);
  end loop;
end $$;
select pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots where slot_name in (${names}) \\g /dev/null`;
  return psql(database, sql, ELSEWHERE);
}

/**
 * In the database that bears the name now, and in no other: where a swap was taken back, they are in the wrong one. A
 * slot that is older than the publication that it is read by is of no use: `early`, those wait until there is one.
 */
export function createSlots(database: PostgresDatabase, slots: readonly Slot[], when?: "early"): Script {
  const names = slots.map((slot) => text(slot.name)).join(", ");
  const strays = `select pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots where slot_name in (${names}) and database <> current_database() \\g /dev/null\n`;
  const published = when === "early" ? " and exists (select from pg_catalog.pg_publication)" : "";
  const sql = slots.map(({ name, plugin }) => {
    const missing = `not exists (select from pg_catalog.pg_replication_slots where slot_name = ${text(name)})`;
    return `select pg_create_logical_replication_slot(${text(name)}, ${text(plugin)}) where ${missing}${plugin === "pgoutput" ? published : ""} \\g /dev/null`;
  });
  return psql(database, `${strays}${sql.join("\n")}`);
}
