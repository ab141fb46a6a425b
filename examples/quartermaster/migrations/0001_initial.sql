CREATE TABLE month (
  year_month TEXT PRIMARY KEY,
  state      TEXT NOT NULL DEFAULT 'open',
  created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  closed_at  TEXT
) STRICT;

CREATE TABLE month_entry (
  id         INTEGER PRIMARY KEY,
  year_month TEXT NOT NULL REFERENCES month (year_month),
  name       TEXT NOT NULL,
  planned    INTEGER NOT NULL,
  UNIQUE (year_month, name)
) STRICT;
