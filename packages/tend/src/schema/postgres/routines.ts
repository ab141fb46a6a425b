import { branch, isNotBrought, json, routine, sinceLater, sorted, whenTrue } from "./catalog.ts";

/** With a body in SQL's own syntax there is no source: what stands after the options is digested in its place. */
const BODY = `CASE WHEN p.prosqlbody IS NULL THEN md5(p.prosrc)
    ELSE md5(substring(pg_get_functiondef(p.oid) FROM '\\n((?:BEGIN ATOMIC|RETURN ).*)$')) END`;

const functions = branch({
  of: "pg_proc p",
  kind: "CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END",
  identity: "p.oid::regprocedure",
  def: json({
    arguments: "nullif(pg_get_function_arguments(p.oid), '')",
    returns: "pg_get_function_result(p.oid)",
    language: "l.lanname",
    body: BODY,
    library: "p.probin",
    window: whenTrue("p.prokind = 'w'"),
    volatility: "CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END",
    strict: whenTrue("p.proisstrict"),
    securityDefiner: whenTrue("p.prosecdef"),
    leakproof: whenTrue("p.proleakproof"),
    parallel: "CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END",
    cost: "nullif(p.procost, CASE WHEN l.lanname IN ('c', 'internal') THEN 1 ELSE 100 END)",
    rows: "CASE WHEN p.proretset THEN nullif(p.prorows, 1000) END",
    support: routine("p.prosupport"),
    settings: sorted("p.proconfig"),
  }),
  owner: "p.proowner",
  acl: "p.proacl",
  aclKind: "f",
  from: `spaces s CROSS JOIN ${sinceLater(
    { prosqlbody: "NULL::pg_node_tree" },
    "pg_proc",
    `oid, pronamespace, proname, prokind, prolang, prosrc, probin, provolatile, proisstrict, prosecdef, proleakproof,
    proparallel, procost, prorows, proretset, prosupport, proconfig, proowner, proacl`,
    "p",
  )}
  JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.pronamespace = s.oid AND p.prokind <> 'a' AND ${isNotBrought("pg_proc", "p")}`,
});

const aggregates = branch({
  of: "pg_proc p",
  kind: "'aggregate'",
  identity: "p.oid::regprocedure",
  def: json({
    arguments: "nullif(pg_get_function_arguments(p.oid), '')",
    returns: "pg_get_function_result(p.oid)",
    state: "format_type(a.aggtranstype, NULL)",
    transition: routine("a.aggtransfn"),
    final: routine("a.aggfinalfn"),
    combine: routine("a.aggcombinefn"),
    serialize: routine("a.aggserialfn"),
    deserialize: routine("a.aggdeserialfn"),
    moving: routine("a.aggmtransfn"),
    inverse: routine("a.aggminvtransfn"),
    movingFinal: routine("a.aggmfinalfn"),
    initial: "a.agginitval",
    movingInitial: "a.aggminitval",
    sortOperator: "CASE WHEN a.aggsortop <> 0 THEN a.aggsortop::regoperator::text END",
    parallel: "CASE p.proparallel WHEN 's' THEN 'safe' WHEN 'r' THEN 'restricted' END",
  }),
  owner: "p.proowner",
  acl: "p.proacl",
  aclKind: "f",
  from: `pg_catalog.pg_proc p JOIN spaces s ON s.oid = p.pronamespace JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = p.oid
WHERE ${isNotBrought("pg_proc", "p")}`,
});

const operators = branch({
  of: "pg_operator o",
  kind: "'operator'",
  identity: "o.oid::regoperator",
  def: json({
    function: routine("o.oprcode"),
    returns: "format_type(o.oprresult, NULL)",
    commutator: "CASE WHEN o.oprcom <> 0 THEN o.oprcom::regoperator::text END",
    negator: "CASE WHEN o.oprnegate <> 0 THEN o.oprnegate::regoperator::text END",
    restrict: routine("o.oprrest"),
    join: routine("o.oprjoin"),
    hashes: whenTrue("o.oprcanhash"),
    merges: whenTrue("o.oprcanmerge"),
  }),
  owner: "o.oprowner",
  from: `pg_catalog.pg_operator o JOIN spaces s ON s.oid = o.oprnamespace
WHERE o.oprcode <> 0 AND ${isNotBrought("pg_operator", "o")}`,
});

const operatorClasses = branch({
  of: "pg_opclass o",
  kind: "'operator class'",
  identity: "s.name || '.' || quote_ident(o.opcname) || ' using ' || m.amname",
  def: json({
    type: "format_type(o.opcintype, NULL)",
    default: whenTrue("o.opcdefault"),
    key: "CASE WHEN o.opckeytype <> 0 THEN format_type(o.opckeytype, NULL) END",
    family: "f.opfname",
  }),
  owner: "o.opcowner",
  from: `pg_catalog.pg_opclass o JOIN spaces s ON s.oid = o.opcnamespace JOIN pg_catalog.pg_am m ON m.oid = o.opcmethod
  JOIN pg_catalog.pg_opfamily f ON f.oid = o.opcfamily
WHERE ${isNotBrought("pg_opclass", "o")}`,
});

const operatorFamilies = branch({
  of: "pg_opfamily f",
  kind: "'operator family'",
  identity: "s.name || '.' || quote_ident(f.opfname) || ' using ' || m.amname",
  def: json({
    operators: `(SELECT array_agg(o.amopstrategy || ' ' || o.amopopr::regoperator ORDER BY o.amopstrategy, o.amopopr::regoperator::text COLLATE "C")
    FROM pg_catalog.pg_amop o WHERE o.amopfamily = f.oid)`,
    functions: `(SELECT array_agg(q.amprocnum || ' ' || q.amproc::regprocedure ORDER BY q.amprocnum, q.amproc::regprocedure::text COLLATE "C")
    FROM pg_catalog.pg_amproc q WHERE q.amprocfamily = f.oid)`,
  }),
  owner: "f.opfowner",
  from: `pg_catalog.pg_opfamily f JOIN spaces s ON s.oid = f.opfnamespace JOIN pg_catalog.pg_am m ON m.oid = f.opfmethod
WHERE ${isNotBrought("pg_opfamily", "f")}`,
});

/** Those below 16384 are PostgreSQL's own. */
const casts = branch({
  of: "pg_cast c",
  kind: "'cast'",
  identity: "'(' || format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL) || ')'",
  def: json({
    function: routine("c.castfunc"),
    context: "CASE c.castcontext WHEN 'i' THEN 'implicit' WHEN 'a' THEN 'assignment' ELSE 'explicit' END",
    method: "CASE c.castmethod WHEN 'f' THEN 'function' WHEN 'i' THEN 'text' ELSE 'binary' END",
  }),
  from: `pg_catalog.pg_cast c
WHERE c.oid >= 16384 AND ${isNotBrought("pg_cast", "c")}`,
});

const languages = branch({
  of: "pg_language l",
  kind: "'language'",
  identity: "quote_ident(l.lanname)",
  def: json({ trusted: whenTrue("l.lanpltrusted"), handler: routine("l.lanplcallfoid"), validator: routine("l.lanvalidator") }),
  owner: "l.lanowner",
  acl: "l.lanacl",
  aclKind: "l",
  from: `pg_catalog.pg_language l
WHERE l.oid >= 16384 AND ${isNotBrought("pg_language", "l")}`,
});

const eventTriggers = branch({
  of: "pg_event_trigger e",
  kind: "'event trigger'",
  identity: "quote_ident(e.evtname)",
  def: json({
    event: "e.evtevent",
    function: "e.evtfoid::regprocedure::text",
    enabled: "CASE e.evtenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'in replicas' WHEN 'A' THEN 'always' END",
    tags: sorted("e.evttags"),
  }),
  owner: "e.evtowner",
  from: `pg_catalog.pg_event_trigger e
WHERE ${isNotBrought("pg_event_trigger", "e")}`,
});

export const routines = [functions, aggregates, operators, operatorClasses, operatorFamilies, casts, languages, eventTriggers];
