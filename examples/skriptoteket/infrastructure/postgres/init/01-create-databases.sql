-- Runs once, when the volume is empty. psql reads the password itself: it stands in no file and no argument.
\getenv skriptoteket_password SKRIPTOTEKET_DB_PASSWORD
CREATE ROLE skriptoteket LOGIN PASSWORD :'skriptoteket_password';
CREATE DATABASE skriptoteket OWNER skriptoteket;
