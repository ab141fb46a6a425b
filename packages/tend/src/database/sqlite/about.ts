import { sqliteSchemaSql } from "../../schema/sqlite.ts";

/**
 * Makes the queries that count each table's rows. A virtual table has no pages of its own: its shadow tables are counted
 * for it, so that a module that only the app has isn't needed. The same goes for collations, hence NOT INDEXED.
 */
const COUNTS = `SELECT 'SELECT json_object(''rows'', json_array(''main'', ' || quote(name) || '), ''count'', count(*), ''hash'', NULL) FROM main."'
 || replace(name, '"', '""') || '" NOT INDEXED;'
FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`;

/** Queries that each print one column of lines; but the second one prints more such queries. */
export const QUERIES = { schema: sqliteSchemaSql, counts: COUNTS };
