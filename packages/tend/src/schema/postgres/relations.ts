import { branch, collation, digests, json, sinceLater, sorted, whenTrue } from "./catalog.ts";

const tables = branch({
  of: "pg_class c",
  kind: "CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END",
  identity: "r.name",
  def: json({
    partitionedBy: "CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END",
    partition: "CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END",
    inherits: "parents.names",
    ofType: "CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END",
    unlogged: whenTrue("c.relpersistence = 'u'"),
    rowSecurity: "CASE WHEN c.relforcerowsecurity THEN 'forced' WHEN c.relrowsecurity THEN 'enabled' END",
    replicaIdentity: "CASE c.relreplident WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing' WHEN 'i' THEN 'index' END",
    storedBy: "CASE WHEN m.amname <> 'heap' THEN m.amname END",
    parameters: sorted("c.reloptions"),
    toastParameters: sorted("toast.reloptions"),
    server: "server.srvname",
    foreignOptions: digests("f.ftoptions"),
  }),
  owner: "c.relowner",
  acl: "c.relacl",
  aclKind: "r",
  from: `relations r JOIN pg_catalog.pg_class c ON c.oid = r.oid
  LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam
  LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
  LEFT JOIN pg_catalog.pg_foreign_table f ON f.ftrelid = c.oid
  LEFT JOIN pg_catalog.pg_foreign_server server ON server.oid = f.ftserver
  LEFT JOIN (
    SELECT i.inhrelid, array_agg(parent.name ORDER BY i.inhseqno) AS names
    FROM pg_catalog.pg_inherits i JOIN relations parent ON parent.oid = i.inhparent GROUP BY 1
  ) parents ON parents.inhrelid = c.oid
WHERE r.relkind IN ('r', 'p', 'f')`,
});

const columns = branch({
  of: "pg_class r",
  kind: "'column'",
  identity: "r.name || '.' || quote_ident(a.attname)",
  about: "r.name",
  column: "a.attnum",
  def: json({
    table: "r.name",
    type: "format_type(a.atttypid, a.atttypmod)",
    notNull: whenTrue("a.attnotnull"),
    default: "CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END",
    generated: "CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END",
    virtual: whenTrue("a.attgenerated = 'v'"),
    identity: "CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' END",
    collation: collation("a.attcollation", "t.typcollation"),
    storage: `CASE WHEN a.attstorage <> t.typstorage THEN
      CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END END`,
    compression: "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END",
    statistics: "nullif(a.attstattarget, -1)",
    options: sorted("a.attoptions"),
    foreignOptions: digests("a.attfdwoptions"),
  }),
  acl: "a.attacl",
  aclKind: "c",
  owner: "CASE WHEN a.attacl IS NOT NULL THEN r.relowner END",
  from: `relations r CROSS JOIN ${sinceLater(
    { attcompression: `''::"char"` },
    "pg_attribute",
    `attrelid, attname, attnum, attisdropped, atttypid, atttypmod, attnotnull, attgenerated, attidentity, attcollation,
    attstorage, attstattarget, attoptions, attfdwoptions, attacl, atthasdef`,
    "a",
  )}
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  AND (r.relkind IN ('r', 'p', 'f') OR (r.relkind IN ('v', 'm') AND (a.atthasdef OR a.attacl IS NOT NULL)))`,
});

/**
 * Up to 15, PostgreSQL writes `SELECT users.id FROM users`, and `SELECT id FROM users` since, if users is all that the
 * query selects from. The name of such a sole source is taken away wherever it stands before a column. It comes last in
 * the list: but for a sample's size, and for columns with their types, `x(a numeric(10,2), b text)`. Only 12 leaves out
 * the name of a column without one.
 */
const SOLE_SOURCE = `substring(regexp_replace(
    CASE WHEN source.list !~ '^\\(+[^ (]|,\\n {4}[^ ]' THEN source.list END,
    ' TABLESAMPLE .*$|\\((?:[^()]|\\([^()]*\\))*\\)$', '')
    FROM '("(?:[^"]|"")*"|[^\\s().]+)$')`;

const views = branch({
  of: "pg_class c",
  kind: "CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END",
  identity: "r.name",
  def: json({
    definition: `CASE WHEN sole.name IS NULL THEN written.definition ELSE regexp_replace(written.definition,
      '(?<![\\w".$])' || regexp_replace(sole.name, '([^\\w\\s"])', '\\\\\\1', 'g') || '\\.', '', 'g') END`,
    options: sorted("c.reloptions"),
    populated: "nullif(c.relispopulated, true)",
    unlogged: whenTrue("c.relpersistence = 'u'"),
    storedBy: "CASE WHEN m.amname <> 'heap' THEN m.amname END",
  }),
  owner: "c.relowner",
  acl: "c.relacl",
  aclKind: "r",
  from: `relations r JOIN pg_catalog.pg_class c ON c.oid = r.oid
  LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam
  CROSS JOIN LATERAL (
    SELECT replace(rtrim(pg_get_viewdef(c.oid), ';'), ' AS "?column?"', '') AS definition OFFSET 0
  ) written
  CROSS JOIN LATERAL (
    SELECT regexp_replace(substring(written.definition FROM '\\n {3}FROM (.*)$'), '\\n {0,2}[A-Z].*$', '') AS list OFFSET 0
  ) source
  CROSS JOIN LATERAL (SELECT ${SOLE_SOURCE} AS name OFFSET 0) sole
WHERE r.relkind IN ('v', 'm')`,
});

const sequences = branch({
  of: "pg_class r",
  kind: "'sequence'",
  identity: "r.name",
  about: "owned.by_table",
  def: json({
    table: "owned.by_table",
    ownedBy: "owned.by_column",
    type: "format_type(q.seqtypid, NULL)",
    start: "q.seqstart",
    increment: "q.seqincrement",
    min: "q.seqmin",
    max: "q.seqmax",
    cache: "nullif(q.seqcache, 1)",
    cycle: whenTrue("q.seqcycle"),
  }),
  owner: "r.relowner",
  acl: "r.relacl",
  aclKind: "s",
  from: `relations r JOIN pg_catalog.pg_sequence q ON q.seqrelid = r.oid
  LEFT JOIN (
    SELECT d.objid, t.name AS by_table, t.name || '.' || quote_ident(a.attname) AS by_column
    FROM pg_catalog.pg_depend d JOIN relations t ON t.oid = d.refobjid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
      AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  ) owned ON owned.objid = r.oid`,
});

export const relations = [tables, columns, views, sequences];
