-- Fills the register, always with the same 19,318 laws, in place of what it has:
--   docker exec -i shared_postgres psql -q -v ON_ERROR_STOP=1 -U postgres -d legal_prod < data/laws.sql
-- Needs the schema of backend/migrations up to 0003.
BEGIN;
SET LOCAL timezone = 'UTC';
TRUNCATE uk_lrt, amendments RESTART IDENTITY;

CREATE TEMP TABLE made ON COMMIT DROP AS
WITH laws AS (
  SELECT ordinality AS n, type_code, year, number, title
  FROM ROWS FROM (
    unnest(ARRAY['ukpga', 'ukpga', 'uksi', 'uksi', 'uksi']),
    unnest(ARRAY[1974, 1990, 1999, 2002, 2015]),
    unnest(ARRAY[37, 43, 3242, 2677, 51]),
    unnest(ARRAY['Health and Safety at Work etc. Act', 'Environmental Protection Act', 'Management of Health and Safety at Work Regulations',
      'Control of Substances Hazardous to Health Regulations', 'Construction (Design and Management) Regulations'])
  ) WITH ORDINALITY AS known (type_code, year, number, title)
  UNION ALL
  SELECT n, (ARRAY['uksi', 'ssi', 'wsi', 'nisr', 'ukpga'])[1 + n % 5], 1974 + n % 52, 4000 + n / 52,
    (ARRAY['Waste', 'Fire Safety', 'Water Supply', 'Clean Air', 'Llwybrau’r Dŵr', 'Energy', 'Noise at Work', 'Food Hygiene', 'Road Traffic', 'Building'])[1 + n % 10]
      || ' (' || (ARRAY['Amendment', 'Wales', 'Scotland', 'Fees', 'Transitional Provisions', 'Commencement No. ' || 1 + n % 9])[1 + n / 10 % 6] || ') '
      || CASE n % 5 WHEN 4 THEN 'Act' ELSE 'Regulations' END
  FROM generate_series(6, 19318) n
)
SELECT *, type_code || '-' || year || '-' || number AS name, uuid_generate_v5(uuid_ns_url(), type_code || '-' || year || '-' || number) AS id
FROM laws;

INSERT INTO uk_lrt (id, name, title, type_code, year, number, created_at, updated_at, family_id, revoked_by, acronym, description, status,
  geo_extent, si_codes, duties, stats, enacted_on, in_force_on, checked_on)
SELECT id, name, title, type_code, year, number,
  timestamptz '2024-03-01Z' + n * interval '7 minutes', timestamptz '2025-06-01Z' + n * interval '11 minutes',
  1 + (n - 1) % 14,
  -- By the law thirteen places on; the last ones are by nobody.
  CASE WHEN n % 17 = 0 THEN lead(id, 13) OVER (ORDER BY n) END,
  CASE WHEN n % 40 = 1 THEN 'L' || n END,
  repeat('An instrument to make provision for ' || lower(title) || '; § ' || n || E'.\n', (n % 6 + CASE WHEN n % 500 = 0 THEN 200 ELSE 0 END)::int),
  CASE WHEN n % 17 = 0 AND n <= 19318 - 13 THEN 'revoked' WHEN n % 11 = 0 THEN 'part revoked' ELSE 'in force' END,
  CASE n % 4 WHEN 0 THEN '{E,W}' WHEN 1 THEN '{S}' WHEN 2 THEN '{E,W,S}' ELSE '{E,W,S,NI}' END::text[],
  CASE WHEN n % 3 = 0 THEN ARRAY['SI ' || n % 90, 'ENV "' || n % 7 || '"'] ELSE '{}' END,
  jsonb_build_object('employer', jsonb_build_array('assess', 'record ' || n % 12), 'holders', n % 5, 'note', CASE WHEN n % 9 = 0 THEN E'line one\nline two\t\\N' END),
  CASE WHEN n % 8 <> 0 THEN jsonb_build_object('articles', n % 120, 'words', n % 9000, 'ratio', n / 16.0) END,
  make_date(year::int, (1 + n % 12)::int, (1 + n % 28)::int), make_date(year::int, (1 + n % 12)::int, (1 + n % 28)::int) + (n % 200)::int,
  CASE WHEN n % 2 = 0 THEN date '2025-01-01' + (n % 300)::int END
FROM made ORDER BY n;

INSERT INTO amendments (law_id, amended_by, effect, made_on)
SELECT law.id, other.id, (ARRAY['inserted', 'substituted', 'repealed in part', 'words omitted'])[1 + law.n % 4], make_date(2000 + (law.n % 25)::int, 4, 1 + (law.n % 28)::int)
FROM made law, generate_series(1, 3) nth JOIN made other ON true
WHERE law.n % 4 >= nth AND other.n = 1 + (law.n * 7 + nth * 131) % 19318
ORDER BY law.n, nth;
COMMIT;
ANALYZE families, uk_lrt, amendments;
