#!/bin/bash
# Initialises an empty PGDATA the way the official image does, then becomes the server.
set -Eeuo pipefail

# NAME from NAME_FILE, so that a secret need not stand in the environment.
from_file() {
  local file=$1_FILE
  [ -z "${!file:-}" ] || export "$1=$(<"${!file}")"
}

initialise() {
  from_file POSTGRES_PASSWORD; from_file POSTGRES_USER; from_file POSTGRES_DB; from_file POSTGRES_INITDB_ARGS
  export POSTGRES_USER=${POSTGRES_USER:-postgres}
  export POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER} PGUSER=$POSTGRES_USER
  local method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256} args
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
    cat >&2 <<-'EOF'
	Error: Database is uninitialized and superuser password is not specified.
	       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.
	EOF
    exit 1
  fi
  read -ra args <<<"${POSTGRES_INITDB_ARGS:-}"
  initdb --pgdata "$PGDATA" --username "$POSTGRES_USER" --auth-local trust --auth-host scram-sha-256 \
    --pwfile <(printf '%s\n' "${POSTGRES_PASSWORD:-none}") "${args[@]}"
  echo "host all all all $method" >>"$PGDATA/pg_hba.conf"

  # Nobody outside may take this first server for the real one: it listens on the socket only.
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  [ "$POSTGRES_DB" = postgres ] || psql -v ON_ERROR_STOP=1 -d postgres -v name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
  run_init_files
  pg_ctl -D "$PGDATA" -m fast -w stop
  echo; echo 'PostgreSQL init process complete; ready for start up.'; echo
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    # shellcheck source=/dev/null
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) psql -v ON_ERROR_STOP=1 --no-psqlrc -d "$POSTGRES_DB" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | psql -v ON_ERROR_STOP=1 --no-psqlrc -d "$POSTGRES_DB" ;;
    esac
  done
}

[ "${1:0:1}" != - ] || set -- postgres "$@"
if [ "$1" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"; chmod 700 "$PGDATA"
    find "$PGDATA" \! -user postgres -exec chown postgres '{}' +
    exec setpriv --reuid postgres --regid postgres --init-groups -- "$0" "$@"
  fi
  if [ -s "$PGDATA/PG_VERSION" ]; then echo 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
  else initialise; fi
fi
exec "$@"
