-- Runs once, when the volume is empty; on a server that is already up, run these by hand.
-- psql reads the password itself: it stands in no file and no argument.
\getenv legal_password LEGAL_DB_PASSWORD
CREATE ROLE legal LOGIN REPLICATION PASSWORD :'legal_password';
CREATE DATABASE legal_prod OWNER legal;
\connect legal_prod
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE EXTENSION IF NOT EXISTS citext;
