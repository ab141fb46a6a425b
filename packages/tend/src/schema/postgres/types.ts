import { branch, collation, isNotBrought, json, routine, whenTrue } from "./catalog.ts";

const ofType = { of: "pg_type t", identity: "s.name || '.' || quote_ident(t.typname)" };
const privileges = { owner: "t.typowner", acl: "t.typacl", aclKind: "T" };
const FROM_TYPES = "pg_catalog.pg_type t JOIN spaces s ON s.oid = t.typnamespace";

const enums = branch({
  ...ofType,
  ...privileges,
  kind: "'enum'",
  def: json({ values: "labels.list" }),
  from: `${FROM_TYPES} LEFT JOIN (
    SELECT e.enumtypid, array_agg(e.enumlabel ORDER BY e.enumsortorder) AS list FROM pg_catalog.pg_enum e GROUP BY 1
  ) labels ON labels.enumtypid = t.oid
WHERE t.typtype = 'e' AND ${isNotBrought("pg_type", "t")}`,
});

const domains = branch({
  ...ofType,
  ...privileges,
  kind: "'domain'",
  def: json({
    type: "format_type(t.typbasetype, t.typtypmod)",
    notNull: whenTrue("t.typnotnull"),
    // Its text, `typdefault`, was written with the search path of whoever made it.
    default: "pg_get_expr(t.typdefaultbin, 'pg_catalog.pg_type'::regclass)",
    collation: collation("t.typcollation", "base.typcollation"),
  }),
  from: `${FROM_TYPES} JOIN pg_catalog.pg_type base ON base.oid = t.typbasetype
WHERE t.typtype = 'd' AND ${isNotBrought("pg_type", "t")}`,
});

const domainConstraints = branch({
  of: "pg_constraint c",
  kind: "'constraint'",
  identity: "s.name || '.' || quote_ident(t.typname) || '.' || quote_ident(c.conname)",
  def: json({ domain: "s.name || '.' || quote_ident(t.typname)", definition: "pg_get_constraintdef(c.oid)" }),
  from: `pg_catalog.pg_constraint c JOIN pg_catalog.pg_type t ON t.oid = c.contypid JOIN spaces s ON s.oid = t.typnamespace
WHERE c.contype = 'c' AND ${isNotBrought("pg_type", "t")}`,
});

const composites = branch({
  ...ofType,
  ...privileges,
  kind: "'composite type'",
  def: json({ attributes: "attributes.list" }),
  from: `${FROM_TYPES} JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
  LEFT JOIN (
    SELECT a.attrelid, array_agg(
      quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
      || coalesce(' collate ' || ${collation("a.attcollation", "of.typcollation")}, '') ORDER BY a.attnum) AS list
    FROM pg_catalog.pg_attribute a JOIN relations r ON r.oid = a.attrelid AND r.relkind = 'c'
    JOIN pg_catalog.pg_type of ON of.oid = a.atttypid
    WHERE a.attnum > 0 AND NOT a.attisdropped GROUP BY 1
  ) attributes ON attributes.attrelid = c.oid
WHERE t.typtype = 'c' AND ${isNotBrought("pg_type", "t")}`,
});

const ranges = branch({
  ...ofType,
  ...privileges,
  kind: "'range type'",
  def: json({
    of: "format_type(g.rngsubtype, NULL)",
    collation: collation("g.rngcollation"),
    operatorClass: "CASE WHEN NOT o.opcdefault THEN o.opcname END",
    canonical: routine("g.rngcanonical"),
    difference: routine("g.rngsubdiff"),
  }),
  from: `${FROM_TYPES} JOIN pg_catalog.pg_range g ON g.rngtypid = t.oid JOIN pg_catalog.pg_opclass o ON o.oid = g.rngsubopc
WHERE t.typtype = 'r' AND ${isNotBrought("pg_type", "t")}`,
});

const bases = branch({
  ...ofType,
  ...privileges,
  kind: "'base type'",
  def: json({
    defined: whenTrue("t.typisdefined"),
    input: routine("t.typinput"),
    output: routine("t.typoutput"),
    receive: routine("t.typreceive"),
    send: routine("t.typsend"),
    length: "t.typlen",
    byValue: whenTrue("t.typbyval"),
    alignment: "t.typalign",
    storage: "t.typstorage",
    category: "t.typcategory",
    preferred: whenTrue("t.typispreferred"),
    default: "t.typdefault",
    element: "CASE WHEN t.typelem <> 0 THEN format_type(t.typelem, NULL) END",
  }),
  from: `${FROM_TYPES}
WHERE t.typtype IN ('b', 'p') AND ${isNotBrought("pg_type", "t")}
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)`,
});

const collations = branch({
  of: "pg_collation l",
  kind: "'collation'",
  identity: "s.name || '.' || quote_ident(l.collname)",
  def: json({
    provider: "CASE l.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' ELSE l.collprovider::text END",
    // 15 and 17 have renamed the column, and up to 14 there is one for all providers.
    locale: "coalesce(row.l ->> 'colllocale', row.l ->> 'colliculocale', l.collcollate::text)",
    ctype: "CASE WHEN l.collprovider = 'c' THEN l.collctype END",
    rules: "row.l ->> 'collicurules'",
    nondeterministic: whenTrue("NOT l.collisdeterministic"),
  }),
  owner: "l.collowner",
  from: `pg_catalog.pg_collation l JOIN spaces s ON s.oid = l.collnamespace CROSS JOIN LATERAL (SELECT to_jsonb(l) AS l) row
WHERE ${isNotBrought("pg_collation", "l")}`,
});

export const types = [enums, domains, domainConstraints, composites, ranges, bases, collations];
