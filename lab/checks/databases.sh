# shellcheck shell=bash disable=SC2016
# Two versions of PostgreSQL, each with its own programs and no other's: what backups of one and restores into the other meet.

check_databases() {
  on h1 'for v in 15 17; do docker run -d --name "db$v" -e POSTGRES_PASSWORD=hush "postgres:$v" >/dev/null; done'
  check "postgres:15 and postgres:17 come up" both eventually_ready
  check "each is what it says, and so are its programs" both own_programs
  check "neither has another version's programs" both one_version
  check "each has every library that its files need" both linked
  check "each has citext, uuid-ossp, pg_trgm and hstore" both extensions
  check "17's archive can't be read by 15's pg_restore" refused 'unsupported version' on h1 'docker exec db17 pg_dump -U postgres -Fc postgres >17.dump && docker exec -i db15 pg_restore -l <17.dump'
  check "15's pg_dump won't dump from 17" refused 'server version mismatch' on h1 "docker network create db >/dev/null; docker network connect db db15; docker network connect db db17; docker exec -e PGPASSWORD=hush db15 pg_dump -h db17 -U postgres postgres"
  check "15's archive restores into 17" on h1 'docker exec db15 pg_dump -U postgres -Fc postgres | docker exec -i db17 sh -c "createdb -U postgres copy && pg_restore -U postgres --exit-on-error -d copy"'
  check "17's pg_dump compresses with zstd, 15's doesn't know how to" on h1 'docker exec db17 pg_dump -U postgres -Fc --compress=zstd:3 postgres >zstd.dump && ! docker exec db15 pg_dump -U postgres -Fc --compress=zstd:3 postgres'
  check "they go away" on h1 'docker rm -f -v db15 db17 && docker network rm db'
}

both() { "$1" 15 && "$1" 17; }

in_db() { on h1 "docker exec db$1 $2"; }

eventually_ready() { eventually in_db "$1" "pg_isready -h 127.0.0.1 -U postgres"; }

own_programs() {
  local program
  for program in postgres psql pg_dump pg_dumpall pg_restore; do
    in_db "$1" "$program --version" | grep -F "$program (PostgreSQL) $1." || return
  done
  [ "$(in_db "$1" "psql -U postgres -Atc 'SHOW server_version_num'" | cut -c1-2)" = "$1" ]
}

one_version() { [ "$(in_db "$1" "sh -c 'ls /usr/lib/postgresql; find / -xdev -name pg_restore -type f'" | xargs)" = "$1 /usr/lib/postgresql/$1/bin/pg_restore" ]; }

linked() {
  local files; files=$(in_db "$1" "sh -c 'ldd /usr/lib/postgresql/$1/bin/* /usr/lib/postgresql/$1/lib/*.so; true'" 2>&1)
  grep -q 'libicuuc.*=> /' <<<"$files" && ! grep 'not found' <<<"$files"
}

extensions() {
  in_db "$1" "psql -U postgres -v ON_ERROR_STOP=1 -Atc 'CREATE EXTENSION citext; CREATE EXTENSION \"uuid-ossp\"; CREATE EXTENSION pg_trgm; CREATE EXTENSION hstore' -c 'CREATE TABLE kept (id uuid DEFAULT uuid_generate_v4(), name citext, more hstore)'"
}
