import { branch, enabled, json, sinceLater, sorted, whenTrue } from "./catalog.ts";

/**
 * What partitions have from their parent isn't told again. NOT NULL is told by its column: it is a constraint of its own
 * only since 18.
 */
const constraints = branch({
  of: "pg_constraint c",
  kind: "'constraint'",
  identity: "r.name || '.' || quote_ident(c.conname)",
  about: "r.name",
  def: json({
    table: "r.name",
    definition: "pg_get_constraintdef(c.oid)",
    disabled: whenTrue("disabled.conid IS NOT NULL"),
  }),
  from: `pg_catalog.pg_constraint c JOIN relations r ON r.oid = c.conrelid
  LEFT JOIN (
    SELECT DISTINCT g.tgconstraint AS conid FROM pg_catalog.pg_trigger g WHERE g.tgisinternal AND g.tgenabled = 'D'
  ) disabled ON disabled.conid = c.oid
WHERE c.contype IN ('p', 'u', 'x') OR (c.contype = 'c' AND c.conislocal) OR (c.contype = 'f' AND c.conparentid = 0)
  OR (c.contype = 'n' AND (NOT c.convalidated OR c.connoinherit))`,
});

const indexes = branch({
  of: "pg_class x",
  kind: "'index'",
  identity: "x.name",
  about: "r.name",
  def: json({
    table: "r.name",
    // That of a constraint follows from the constraint, but for its parameters.
    definition: "CASE WHEN c.oid IS NULL OR k.reloptions IS NOT NULL THEN pg_get_indexdef(i.indexrelid) END",
    unique: whenTrue("i.indisunique"),
    constraint: "CASE WHEN c.oid IS NOT NULL THEN r.name || '.' || quote_ident(c.conname) END",
    partOf: "parent.name",
    invalid: whenTrue("NOT i.indisvalid"),
    replicaIdentity: whenTrue("i.indisreplident"),
    clustered: whenTrue("i.indisclustered"),
  }),
  from: `pg_catalog.pg_index i JOIN relations x ON x.oid = i.indexrelid JOIN relations r ON r.oid = i.indrelid
  JOIN pg_catalog.pg_class k ON k.oid = i.indexrelid
  LEFT JOIN pg_catalog.pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u', 'x')
  LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = i.indexrelid
  LEFT JOIN relations parent ON parent.oid = h.inhparent`,
});

/** A trigger that a partition has from its parent is told only where it is enabled otherwise. */
const triggers = branch({
  of: "pg_trigger g",
  kind: "'trigger'",
  identity: "r.name || '.' || quote_ident(g.tgname)",
  about: "r.name",
  def: json({ table: "r.name", definition: "pg_get_triggerdef(g.oid)", enabled: enabled("g.tgenabled") }),
  from: `relations r CROSS JOIN ${sinceLater(
    { tgparentid: "0::oid" },
    "pg_trigger",
    "oid, tgrelid, tgname, tgenabled, tgisinternal, tgconstraint",
    "g",
  )}
  LEFT JOIN pg_catalog.pg_trigger parent ON parent.oid = g.tgparentid
WHERE g.tgrelid = r.oid AND g.tgconstraint NOT IN (
    SELECT c.oid FROM pg_catalog.pg_constraint c WHERE c.contype = 'f')
  AND CASE WHEN g.tgparentid = 0 THEN NOT g.tgisinternal ELSE g.tgenabled <> parent.tgenabled END`,
});

const rules = branch({
  of: "pg_rewrite w",
  kind: "'rule'",
  identity: "r.name || '.' || quote_ident(w.rulename)",
  about: "r.name",
  def: json({ table: "r.name", definition: "pg_get_ruledef(w.oid)", enabled: enabled("w.ev_enabled") }),
  from: `pg_catalog.pg_rewrite w JOIN relations r ON r.oid = w.ev_class
WHERE w.rulename <> '_RETURN'`,
});

const policies = branch({
  of: "pg_policy p",
  kind: "'policy'",
  identity: "r.name || '.' || quote_ident(p.polname)",
  about: "r.name",
  def: json({
    table: "r.name",
    command: "CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete' END",
    restrictive: whenTrue("NOT p.polpermissive"),
    roles: sorted(
      "(SELECT array_agg(CASE WHEN o = 0 THEN 'public' ELSE pg_get_userbyid(o)::text END) FROM unnest(p.polroles) o)",
    ),
    using: "pg_get_expr(p.polqual, p.polrelid)",
    check: "pg_get_expr(p.polwithcheck, p.polrelid)",
  }),
  from: "pg_catalog.pg_policy p JOIN relations r ON r.oid = p.polrelid",
});

const statistics = branch({
  of: "pg_statistic_ext e",
  kind: "'statistics'",
  identity: "s.name || '.' || quote_ident(e.stxname)",
  about: "r.name",
  def: json({ table: "r.name", definition: "pg_get_statisticsobjdef(e.oid)", target: "nullif(e.stxstattarget, -1)" }),
  owner: "e.stxowner",
  from: `spaces s CROSS JOIN ${sinceLater(
    { stxstattarget: "-1" },
    "pg_statistic_ext",
    "oid, stxname, stxnamespace, stxrelid, stxowner",
    "e",
  )}
  JOIN relations r ON r.oid = e.stxrelid
WHERE e.stxnamespace = s.oid`,
});

export const ofTables = [constraints, indexes, triggers, rules, policies, statistics];
