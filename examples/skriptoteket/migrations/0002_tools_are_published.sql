-- What was in the library before this migration was visible to everyone, and stays so.
ALTER TABLE tools ADD COLUMN is_published boolean NOT NULL DEFAULT true;
