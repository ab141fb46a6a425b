import { branch, digests, isNotBrought, json, routine, sinceLater, whenTrue } from "./catalog.ts";

/** Every database is born with `public`: only what was granted on it is told. */
const schemas = branch({
  of: "pg_namespace n",
  kind: "'schema'",
  identity: "s.name",
  def: "CASE WHEN n.nspname <> 'public' THEN '{}' END",
  owner: "n.nspowner",
  acl: "n.nspacl",
  aclKind: "n",
  aclBefore: "born.initprivs",
  from: `pg_catalog.pg_namespace n JOIN spaces s ON s.oid = n.oid
  LEFT JOIN pg_catalog.pg_init_privs born
    ON born.objoid = n.oid AND born.classoid = 'pg_catalog.pg_namespace'::regclass AND born.objsubid = 0
WHERE ${isNotBrought("pg_namespace", "n")}`,
});

/** plpgsql is in every new database. */
const extensions = branch({
  of: "pg_extension e",
  kind: "'extension'",
  identity: "quote_ident(e.extname)",
  def: json({ version: "e.extversion", schema: "quote_ident(n.nspname)" }),
  from: `pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname <> 'plpgsql'`,
});

const publications = branch({
  of: "pg_publication p",
  kind: "'publication'",
  identity: "quote_ident(p.pubname)",
  def: json({
    allTables: whenTrue("p.puballtables"),
    insert: whenTrue("p.pubinsert"),
    update: whenTrue("p.pubupdate"),
    delete: whenTrue("p.pubdelete"),
    truncate: whenTrue("p.pubtruncate"),
    viaRoot: whenTrue("p.pubviaroot"),
    generatedColumns: "CASE WHEN p.pubgencols = 's' THEN 'stored' END",
  }),
  owner: "p.pubowner",
  from: sinceLater(
    { pubviaroot: "false", pubgencols: `'n'::"char"` },
    "pg_publication",
    "oid, pubname, pubowner, puballtables, pubinsert, pubupdate, pubdelete, pubtruncate",
    "p",
  ),
});

const publicationTables = branch({
  of: "pg_publication_rel m",
  kind: "'publication table'",
  identity: "r.name || ' in ' || quote_ident(p.pubname)",
  about: "r.name",
  def: json({
    table: "r.name",
    publication: "quote_ident(p.pubname)",
    where: "pg_get_expr(m.prqual, m.prrelid)",
    columns: `CASE WHEN m.prattrs IS NOT NULL THEN (
    SELECT array_agg(a.attname ORDER BY a.attname) FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = m.prrelid AND a.attnum = ANY (m.prattrs)) END`,
  }),
  from: `relations r CROSS JOIN ${sinceLater(
    { prqual: "NULL::pg_node_tree", prattrs: "NULL::int2vector" },
    "pg_publication_rel",
    "oid, prpubid, prrelid",
    "m",
  )}
  JOIN pg_catalog.pg_publication p ON p.oid = m.prpubid
WHERE m.prrelid = r.oid`,
});

/** Up to 14 there is no catalog of them, but what they depend on is known in every version. */
const publicationSchemas = branch({
  of: "pg_publication p",
  kind: "'publication schema'",
  identity: "s.name || ' in ' || quote_ident(p.pubname)",
  column: "-1",
  def: json({ publication: "quote_ident(p.pubname)" }),
  from: `pg_catalog.pg_depend d
  JOIN pg_catalog.pg_depend e ON e.classid = d.classid AND e.objid = d.objid
  JOIN spaces s ON s.oid = d.refobjid JOIN pg_catalog.pg_publication p ON p.oid = e.refobjid
WHERE d.classid = (SELECT c.oid FROM pg_catalog.pg_class c
    WHERE c.relname = 'pg_publication_namespace' AND c.relnamespace = 'pg_catalog'::regnamespace)
  AND d.refclassid = 'pg_catalog.pg_namespace'::regclass AND e.refclassid = 'pg_catalog.pg_publication'::regclass`,
});

const foreignWrappers = branch({
  of: "pg_foreign_data_wrapper w",
  kind: "'foreign data wrapper'",
  identity: "quote_ident(w.fdwname)",
  def: json({ handler: routine("w.fdwhandler"), validator: routine("w.fdwvalidator"), options: digests("w.fdwoptions") }),
  owner: "w.fdwowner",
  acl: "w.fdwacl",
  aclKind: "F",
  from: `pg_catalog.pg_foreign_data_wrapper w
WHERE ${isNotBrought("pg_foreign_data_wrapper", "w")}`,
});

const foreignServers = branch({
  of: "pg_foreign_server v",
  kind: "'foreign server'",
  identity: "quote_ident(v.srvname)",
  def: json({ wrapper: "w.fdwname", type: "v.srvtype", version: "v.srvversion", options: digests("v.srvoptions") }),
  owner: "v.srvowner",
  acl: "v.srvacl",
  aclKind: "S",
  from: `pg_catalog.pg_foreign_server v JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = v.srvfdw
WHERE ${isNotBrought("pg_foreign_server", "v")}`,
});

const searchConfigurations = branch({
  of: "pg_ts_config f",
  kind: "'text search configuration'",
  identity: "s.name || '.' || quote_ident(f.cfgname)",
  def: json({
    parser: "p.prsname",
    dictionaries: `(SELECT array_agg(k.alias || ' ' || m.mapdict::regdictionary ORDER BY k.alias COLLATE "C", m.mapseqno)
    FROM pg_catalog.pg_ts_config_map m JOIN ts_token_type(f.cfgparser) k ON k.tokid = m.maptokentype WHERE m.mapcfg = f.oid)`,
  }),
  owner: "f.cfgowner",
  from: `pg_catalog.pg_ts_config f JOIN spaces s ON s.oid = f.cfgnamespace JOIN pg_catalog.pg_ts_parser p ON p.oid = f.cfgparser
WHERE ${isNotBrought("pg_ts_config", "f")}`,
});

const searchDictionaries = branch({
  of: "pg_ts_dict t",
  kind: "'text search dictionary'",
  identity: "s.name || '.' || quote_ident(t.dictname)",
  def: json({ template: "m.tmplname", options: "t.dictinitoption" }),
  owner: "t.dictowner",
  from: `pg_catalog.pg_ts_dict t JOIN spaces s ON s.oid = t.dictnamespace
  JOIN pg_catalog.pg_ts_template m ON m.oid = t.dicttemplate
WHERE ${isNotBrought("pg_ts_dict", "t")}`,
});

export const database = [
  schemas,
  extensions,
  publications,
  publicationTables,
  publicationSchemas,
  foreignWrappers,
  foreignServers,
  searchConfigurations,
  searchDictionaries,
];
