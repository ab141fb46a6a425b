CREATE TABLE tools (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug       text NOT NULL UNIQUE,
  title      text NOT NULL,
  summary    text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now()
);
