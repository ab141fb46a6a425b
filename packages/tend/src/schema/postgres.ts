import { COLUMNS, json, SHARED } from "./postgres/catalog.ts";
import { database } from "./postgres/database.ts";
import { ofTables } from "./postgres/of-tables.ts";
import { DEFAULT_PRIVILEGES, PRIVILEGES } from "./postgres/privileges.ts";
import { relations } from "./postgres/relations.ts";
import { routines } from "./postgres/routines.ts";
import { types } from "./postgres/types.ts";

/**
 * How values are written must not depend on who asks: names with their schemas, times in UTC. It holds until the end of
 * the transaction, and prints nothing.
 */
const settings = `SELECT WHERE ${Object.entries({
  search_path: "",
  client_encoding: "UTF8",
  TimeZone: "UTC",
  DateStyle: "ISO, YMD",
  IntervalStyle: "postgres",
  bytea_output: "hex",
  extra_float_digits: "1",
  quote_all_identifiers: "off",
  jit: "off",
})
  .map(([name, value]) => `set_config('${name}', '${value}', true) IS NULL`)
  .join(" OR ")};`;

const objects = `WITH ${SHARED},
objects (${COLUMNS}) AS MATERIALIZED (
${[...relations, ...ofTables, ...types, ...routines, ...database].join("\nUNION ALL\n")}
),
${PRIVILEGES},
lines (kind, identity, def) AS (
SELECT kind, identity, def FROM objects WHERE def IS NOT NULL
UNION ALL
SELECT 'comment', o.kind || ' ' || o.identity,
  ${json({ table: "o.about", on: "ARRAY[o.kind, o.identity]", text: "d.description" })}
FROM objects o JOIN pg_catalog.pg_description d ON d.classoid = o.classid AND d.objoid = o.objid AND d.objsubid = o.objsubid
WHERE o.identity <> 'public' OR d.description <> 'standard public schema'
UNION ALL
SELECT 'owner', o.kind || ' ' || o.identity,
  ${json({ table: "o.about", on: "ARRAY[o.kind, o.identity]", role: "pg_get_userbyid(o.owner)" })}
FROM objects o WHERE o.owner IS NOT NULL AND o.def IS NOT NULL AND o.kind <> 'column'
UNION ALL
SELECT 'privilege', kind || ' ' || identity || ' to ' || grantee,
  ${json({ table: "about", on: "ARRAY[kind, identity]", may: "may" })}
FROM privileges
UNION ALL
${DEFAULT_PRIVILEGES}
)
SELECT '{"object":[' || to_json(kind)::text || ',' || to_json(identity)::text || '],"def":' || def || '}' FROM lines;`;

/**
 * Prints a line of JSON for every object of a PostgreSQL database (12 to 18): for `psql -XAt`, in a transaction that
 * reads from one snapshot. Objects of extensions are left out; so are data, roles, and subscriptions with their passwords.
 */
export const postgresSchemaSql = `${settings}\n${objects}\n`;
