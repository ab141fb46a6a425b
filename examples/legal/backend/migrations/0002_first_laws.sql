INSERT INTO uk_lrt (name, title, type_code, year, number) VALUES
  ('ukpga-1974-37',  'Health and Safety at Work etc. Act',                               'ukpga', 1974, 37),
  ('ukpga-1990-43',  'Environmental Protection Act',                                     'ukpga', 1990, 43),
  ('uksi-1999-3242', 'Management of Health and Safety at Work Regulations',              'uksi',  1999, 3242),
  ('uksi-2002-2677', 'Control of Substances Hazardous to Health Regulations',            'uksi',  2002, 2677),
  ('uksi-2015-51',   'Construction (Design and Management) Regulations',                 'uksi',  2015, 51);
