-- Both extensions are created with the database, by a superuser: this role may not.
CREATE TABLE uk_lrt (
  id         uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
  name       citext NOT NULL UNIQUE,
  title      text NOT NULL,
  type_code  text NOT NULL,
  year       integer NOT NULL,
  number     integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
