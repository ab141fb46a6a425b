import { json } from "./catalog.ts";

/**
 * What was granted or taken away beyond what a new object has, by grantee. All that can be granted on a table is `ALL`,
 * as pg_dump writes it: 17 knows one privilege more.
 */
export const PRIVILEGES = `granted AS (
  SELECT o.classid, o.objid, o.objsubid, g.grantee,
    array_agg(g.privilege_type || CASE WHEN g.is_grantable THEN ' *' ELSE '' END ORDER BY g.privilege_type COLLATE "C")
      FILTER (WHERE g.now) AS may,
    array_agg(g.privilege_type || CASE WHEN g.is_grantable THEN ' *' ELSE '' END ORDER BY g.privilege_type COLLATE "C")
      FILTER (WHERE NOT g.now) AS could
  FROM objects o CROSS JOIN LATERAL (
    SELECT true AS now, a.grantee, a.privilege_type, a.is_grantable FROM aclexplode(o.acl) a
    UNION ALL
    SELECT false, a.grantee, a.privilege_type, a.is_grantable
    FROM aclexplode(coalesce(o.acl_before, acldefault(o.acl_kind, o.owner))) a
  ) g
  WHERE o.acl IS NOT NULL
  GROUP BY 1, 2, 3, 4
),
privileges AS (
  SELECT o.kind, o.identity, o.about, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee)::text END AS grantee,
    CASE WHEN g.may IS NULL THEN '{}' WHEN o.acl_kind = 'r' AND cardinality(array_remove(g.may, 'MAINTAIN')) = 7
      AND array_to_string(g.may, ' ') !~ '[*]' THEN '{ALL}' ELSE g.may END AS may
  FROM granted g JOIN objects o USING (classid, objid, objsubid)
  WHERE g.may IS DISTINCT FROM g.could
)`;

/** What new objects will be granted. */
export const DEFAULT_PRIVILEGES = `SELECT 'privilege',
  'default for ' || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
    WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END
  || coalesce(' in ' || quote_ident(n.nspname), '') || ' of ' || pg_get_userbyid(d.defaclrole),
  ${json({
    may: `(SELECT array_agg(e ORDER BY e COLLATE "C") FROM (
      SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END || ' ' || a.privilege_type
        || CASE WHEN a.is_grantable THEN ' *' ELSE '' END AS e
      FROM aclexplode(d.defaclacl) a) said)`,
  })}
FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace`;
