CREATE TABLE users (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email         text NOT NULL,
  password_hash text NOT NULL,
  role          text NOT NULL CHECK (role IN ('user', 'contributor', 'admin', 'superuser')),
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_by_email ON users (lower(email));

-- A tool's code is a file among the artifacts; which file, and what must be in it, stands here.
CREATE TABLE tool_versions (
  tool_id    bigint NOT NULL REFERENCES tools ON DELETE CASCADE,
  version    integer NOT NULL,
  file       text NOT NULL UNIQUE,
  sha256     text NOT NULL,
  created_by bigint NOT NULL REFERENCES users,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tool_id, version)
);
