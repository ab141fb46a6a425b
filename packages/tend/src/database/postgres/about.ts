import { postgresSchemaSql } from "../../schema/postgres.ts";

/** What makes the text of a row the same wherever it is read. */
const PLAINLY = `
set local search_path = '';
set local datestyle = 'ISO, YMD';
set local intervalstyle = 'postgres';
set local timezone = 'UTC';
set local extra_float_digits = 1;
set local bytea_output = 'hex';
set local lc_monetary = 'C';
set local row_security = off;
set local jit = off;
set local max_parallel_workers_per_gather = 0;
set local statement_timeout = 0;
set local lock_timeout = 0;`;

/** One snapshot for all that is asked; whoever shares it sees the very same rows. */
export const BEGIN = `begin isolation level repeatable read read only;${PLAINLY}
set local idle_in_transaction_session_timeout = 0;`;

/** The tables that have rows of their own; what belongs to an extension is its own business. */
const OWN_TABLES = `pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'm') and c.relpersistence <> 't'
    and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
    and not exists (select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;

/**
 * Statements that psql makes and runs: one for each table, so that one that is huge doesn't hold the others up. Columns
 * by their names: migrations that were applied in another order have left them in another one.
 */
const ROWS = `
select format($sql$select '{"rows":' || pg_catalog.to_json(array[%L, %L]::text[]) || ',"count":' || pg_catalog.count(*)
  || ',"hash":"' || coalesce(pg_catalog.sum(pg_catalog.hashtextextended(t::text, 0)), 0) || '"}' from (select %s from only %I.%I) t$sql$,
  n.nspname, c.relname, (select string_agg(quote_ident(a.attname), ', ' order by a.attname) from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), n.nspname, c.relname)
from ${OWN_TABLES} and (c.relkind = 'r' or c.relispopulated)
order by 1
\\gexec`;

const SEQUENCES = `
select format($sql$select '{"sequence":' || pg_catalog.to_json(array[%L, %L]::text[]) || ',"last":' || last_value
  || ',"called":' || is_called || '}' from %I.%I$sql$, n.nspname, c.relname, n.nspname, c.relname)
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'S' and c.relpersistence <> 't' and n.nspname !~ '^pg_'
order by 1
\\gexec`;

/** What pg_dump leaves out of a dump without -C: how the database itself is set up. */
const DATABASE = `
select '{"database":' || ((to_jsonb(d) - '{oid,datdba,dattablespace,datfrozenxid,datminmxid,datacl,datistemplate,datallowconn,dathasloginevt,datcollversion}'::text[])
  || jsonb_build_object('owner', pg_get_userbyid(d.datdba), 'encoding', pg_encoding_to_char(d.encoding), 'acl', d.datacl::text[]))::text || '}'
from pg_catalog.pg_database d where d.datname = current_database();
select '{"setting":' || jsonb_build_object('role', case when s.setrole <> 0 then pg_get_userbyid(s.setrole) end, 'config', s.setconfig)::text || '}'
from pg_catalog.pg_db_role_setting s join pg_catalog.pg_database d on d.oid = s.setdatabase
where d.datname = current_database() order by 1;
select '{"size":' || pg_database_size(current_database()) || '}';
select '{"version":' || to_json('PostgreSQL ' || current_setting('server_version')) || '}';`;

/** The roles that own something or were granted something: without them a restore ends with errors. */
const ROLES = `
select distinct '{"role":' || to_json(pg_get_userbyid(r.oid)) || '}' from (
  select relowner as oid from pg_catalog.pg_class where relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  union select proowner from pg_catalog.pg_proc where pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  union select nspowner from pg_catalog.pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
  union select datdba from pg_catalog.pg_database where datname = current_database()
  union select a.grantee from pg_catalog.pg_class c, aclexplode(c.relacl) a where c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
  union select a.grantee from pg_catalog.pg_namespace n, aclexplode(n.nspacl) a where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  union select a.grantee from pg_catalog.pg_database d, aclexplode(d.datacl) a where d.datname = current_database()
) r where r.oid <> 0 and exists (select from pg_catalog.pg_roles where pg_roles.oid = r.oid and rolname !~ '^pg_') order by 1;`;

/** The lines of about.jsonl that the database itself can tell, within `BEGIN`. */
export const ABOUT = `${DATABASE}${ROLES}${postgresSchemaSql}${SEQUENCES}${ROWS}`;

/** The objects and the rows of a database as it is now. */
export const CONTENTS = `${BEGIN}${postgresSchemaSql}${ROWS}`;
export const ROWS_ALONE = `${BEGIN}${ROWS}`;
