/**
 * What the branches of the schema query have in common. Each branch is a SELECT with a row for each object:
 *
 *   classid, objid, objsubid   where PostgreSQL keeps it, so that its comment is found
 *   kind, identity             what people call it
 *   about                      the table or view that it belongs to
 *   def                        what it is, as the text of JSON; null where only its comment and privileges are told
 *   owner, acl, acl_kind       null where its kind has none of its own
 *   acl_before                 the privileges that it was born with, where those aren't the usual ones
 */
export const COLUMNS = "classid, objid, objsubid, kind, identity, about, def, owner, acl, acl_kind, acl_before";

/** The schemas that aren't PostgreSQL's own, what an extension or a range type brought along, and the relations. */
export const SHARED = `spaces AS MATERIALIZED (
  SELECT n.oid, quote_ident(n.nspname) AS name FROM pg_catalog.pg_namespace n
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
),
brought AS MATERIALIZED (
  SELECT DISTINCT d.classid, d.objid FROM pg_catalog.pg_depend d
  WHERE d.deptype = 'e' OR (d.deptype = 'i' AND d.classid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_cast'::regclass))
),
relations AS MATERIALIZED (
  SELECT c.oid, c.relkind, c.relowner, c.relacl, s.name || '.' || quote_ident(c.relname) AS name
  FROM pg_catalog.pg_class c JOIN spaces s ON s.oid = c.relnamespace
  WHERE ${isNotBrought("pg_class", "c")}
)`;

export function isNotBrought(catalog: string, alias: string): string {
  return `NOT EXISTS (SELECT FROM brought b WHERE b.classid = 'pg_catalog.${catalog}'::regclass AND b.objid = ${alias}.oid)`;
}

interface Branch {
  /** The catalog with its alias in `from`: `pg_class c`. */
  readonly of: string;
  readonly kind: string;
  readonly identity: string;
  readonly def: string;
  readonly from: string;
  /** The table or view that it belongs to. */
  readonly about?: string;
  readonly column?: string;
  readonly owner?: string;
  readonly acl?: string;
  /** The letter by which `acldefault` knows the kind. */
  readonly aclKind?: string;
  readonly aclBefore?: string;
}

export function branch({ of, kind, identity, def, from, about, column, owner, acl, aclKind, aclBefore }: Branch): string {
  const [catalog, alias] = of.split(" ");
  return `SELECT 'pg_catalog.${catalog}'::regclass::oid, ${alias}.oid, ${column ?? 0}::integer,
  ${kind}::text, ${identity}::text, ${about ?? "NULL"}::text,
  ${def},
  ${owner ?? "NULL"}::oid, ${acl ?? "NULL"}::aclitem[], ${aclKind ? `'${aclKind}'` : "NULL"}::"char", ${aclBefore ?? "NULL"}::aclitem[]
FROM ${from}`;
}

/**
 * The text of a JSON object without what is null: what is as usual is left out, and so is alike in every version. Four
 * times as fast as json_strip_nulls(json_build_object(…)), which would be most of the work.
 */
export function json(fields: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(fields).map(([name, value]) => `',"${name}":' || to_json(${value})::text`);
  return `'{' || substr(concat(${pairs.join(",\n    ")}), 2) || '}'`;
}

export function whenTrue(expression: string): string {
  return `nullif(${expression}, false)`;
}

/** The elements of an array in an order that doesn't depend on how they were set. */
export function sorted(array: string): string {
  return `CASE WHEN ${array} IS NOT NULL THEN (SELECT array_agg(e ORDER BY e COLLATE "C") FROM unnest(${array}) e) END`;
}

/** Options of foreign servers and tables may hold passwords: they are told apart by their digests, and never shown. */
export function digests(options: string): string {
  return `CASE WHEN ${options} IS NOT NULL THEN (
    SELECT array_agg(split_part(o, '=', 1) || '=' || left(md5(substr(o, strpos(o, '=') + 1)), 8) ORDER BY o COLLATE "C")
    FROM unnest(${options}) o) END`;
}

/** A function by its name, null where there is none. */
export function routine(oid: string): string {
  return `CASE WHEN ${oid} <> 0 THEN ${oid}::oid::regproc::text END`;
}

export function enabled(state: string): string {
  return `CASE ${state} WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'in replicas' WHEN 'A' THEN 'always' END`;
}

/** A collation by its name, unless it is the usual one. */
export function collation(oid: string, usual = "0"): string {
  return `CASE WHEN ${oid} <> 0 AND ${oid} <> ${usual} THEN (
    SELECT CASE WHEN n.nspname <> 'pg_catalog' THEN quote_ident(n.nspname) || '.' ELSE '' END || quote_ident(l.collname)
    FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = ${oid}) END`;
}

/**
 * A catalog with columns that it only has in newer versions. In `older CROSS JOIN LATERAL (SELECT …)` a name that the
 * catalog doesn't know is looked up outside, and found there with the value that its absence means.
 */
export function sinceLater(absent: Readonly<Record<string, string>>, catalog: string, columns: string, alias: string): string {
  const older = Object.entries(absent).map(([name, value]) => `${value} AS ${name}`);
  return `(SELECT ${older.join(", ")}) AS older_${alias} CROSS JOIN LATERAL (
  SELECT ${[columns, ...Object.keys(absent)].join(", ")} FROM pg_catalog.${catalog}) AS ${alias}`;
}
