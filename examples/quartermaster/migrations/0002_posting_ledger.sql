CREATE TABLE posting (
  id             INTEGER PRIMARY KEY,
  month_entry_id INTEGER NOT NULL REFERENCES month_entry (id),
  amount         INTEGER NOT NULL,
  note           TEXT NOT NULL DEFAULT '',
  created_at     TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

CREATE INDEX posting_by_entry ON posting (month_entry_id);
