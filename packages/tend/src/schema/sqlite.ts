/**
 * Names as they are written in SQL: `users`, `"order items"`; identities are made of them.
 */
function named(name: string): string {
  return `CASE WHEN ${name} GLOB '*[^A-Za-z0-9_]*' THEN '"' || replace(${name}, '"', '""') || '"' ELSE ${name} END`;
}

/**
 * What a virtual table keeps its rows in belongs to the module, and is made anew with it. The modules' own names for them;
 * rtree and fts3 to fts5 are those that come with SQLite.
 */
const SHADOWS = ["data", "idx", "content", "docsize", "config", "segments", "segdir", "stat", "node", "parent", "rowid"]
  .map((name) => `'${name}'`)
  .join(", ");

/** `sqlite_schema` has that name only since 3.33. */
const SHARED = `tables AS (
  SELECT m.name AS real, ${named("m.name")} AS name, m.sql, m.sql LIKE 'CREATE VIRTUAL TABLE%' AS virtual
  FROM sqlite_master m
  WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND NOT EXISTS (
    SELECT 1 FROM sqlite_master v WHERE v.sql LIKE 'CREATE VIRTUAL TABLE%'
      AND substr(m.name, 1, length(v.name) + 1) = v.name || '_' AND substr(m.name, length(v.name) + 2) IN (${SHADOWS}))
),
plain AS (SELECT real, name FROM tables WHERE NOT virtual)`;

const tables = `SELECT CASE WHEN t.virtual THEN 'virtual table' ELSE 'table' END AS kind, t.name AS identity,
  json_object('sql', t.sql) AS def
FROM tables t`;

/** Their types stand in the table's text, alike for every version; from here they'd come as `INT` or as `int`. */
const columns = `SELECT 'column', t.name || '.' || ${named("c.name")}, json_object(
  'table', t.name, 'notNull', CASE WHEN c."notnull" THEN json('true') END,
  'default', c.dflt_value, 'generated', CASE c.hidden WHEN 2 THEN 'virtual' WHEN 3 THEN 'stored' END)
FROM plain t CROSS JOIN pragma_table_xinfo(t.real) c`;

const primaryKeys = `SELECT 'constraint', name || '.primary key', json_object('table', name, 'columns', group_concat(part, ', '))
FROM (
  SELECT t.name, ${named("c.name")} AS part FROM plain t CROSS JOIN pragma_table_xinfo(t.real) c
  WHERE c.pk > 0 ORDER BY t.name, c.pk
)
GROUP BY name`;

const uniques = `SELECT 'constraint', name || '.unique (' || group_concat(part, ', ') || ')', json_object(
  'table', name, 'collations', CASE WHEN max(coll <> 'BINARY') THEN group_concat(lower(coll), ', ') END)
FROM (
  SELECT t.name, l.name AS made, ${named("x.name")} AS part, x.coll
  FROM plain t CROSS JOIN pragma_index_list(t.real) l CROSS JOIN pragma_index_xinfo(l.name) x
  WHERE l.origin = 'u' AND x.key ORDER BY t.name, l.name, x.seqno
)
GROUP BY name, made`;

const foreignKeys = `SELECT 'constraint', name || '.foreign key (' || group_concat(part, ', ') || ') to ' || target, json_object(
  'table', name, 'references', target || coalesce('(' || group_concat(referred, ', ') || ')', ''),
  'onUpdate', nullif(on_update, 'NO ACTION'), 'onDelete', nullif(on_delete, 'NO ACTION'))
FROM (
  SELECT t.name, f.id, f.on_update, f.on_delete, ${named('f."table"')} AS target, ${named('f."from"')} AS part,
    CASE WHEN f."to" IS NOT NULL THEN ${named('f."to"')} END AS referred
  FROM plain t CROSS JOIN pragma_foreign_key_list(t.real) f ORDER BY t.name, f.id, f.seq
)
GROUP BY name, id`;

/** Without SQL of their own, they were made for a constraint, which is told itself. */
const indexes = `SELECT 'index', ${named("m.name")}, json_object(
  'table', t.name, 'sql', m.sql, 'unique', CASE WHEN m.sql LIKE 'CREATE UNIQUE %' THEN json('true') END)
FROM sqlite_master m JOIN tables t ON t.real = m.tbl_name WHERE m.type = 'index' AND m.sql IS NOT NULL`;

const triggersAndViews = `SELECT m.type, ${named("m.name")}, json_object(
  'table', CASE WHEN m.type = 'trigger' THEN ${named("m.tbl_name")} END, 'sql', m.sql)
FROM sqlite_master m WHERE m.type IN ('trigger', 'view')`;

const objects = [tables, columns, primaryKeys, uniques, foreignKeys, indexes, triggersAndViews].join("\nUNION ALL\n");

/**
 * Prints a line of JSON for every object of a SQLite database (3.27 and newer): one SELECT of one column, for the command,
 * for Python and for Node alike. What SQLite keeps for itself is left out.
 */
export const sqliteSchemaSql = `WITH ${SHARED},
objects AS (
${objects}
)
SELECT json_object('object', json_array(kind, identity), 'def', json(json_patch('{}', def))) FROM objects;
`;
