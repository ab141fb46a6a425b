import type { PostgresDatabase } from "../../model/data.ts";
import { NOTHING_YET } from "../../plan/plan.ts";
import { postgresSchemaSql } from "../../schema/postgres.ts";
import { type Script, sh } from "../../transport/argv.ts";
import { ABOUT, BEGIN } from "./about.ts";
import { inContainer, inContainerReading, psql, psqlArgv, text } from "./psql.ts";

/**
 * pg_dump and the counts beside it, on one exported snapshot: what is counted is what is dumped, whoever writes
 * meanwhile. psql holds the snapshot and counts while pg_dump runs; the two pipes to it lose their names as soon as they
 * are open, so that nothing is left behind however this ends.
 */
export function take(database: PostgresDatabase): Script {
  const { container, database: name, user } = database;
  return sh`trap '' PIPE
${awake(database)}
pipes=$(mktemp -d) && mkfifo "$pipes/ask" "$pipes/told" || exit 1
${inContainerReading(database, ...psqlArgv(database))} <"$pipes/ask" >"$pipes/told" 3>&- &
psql=$!
exec 5>"$pipes/ask" 6<"$pipes/told"
rm -rf "$pipes"
printf '%s\n' ${BEGIN} 'select pg_export_snapshot();' >&5
tools=$( ${inContainer(database, "sh", "-c", "pg_dump --version; pg_dump --help")} 3>&- 5>&- 6<&-)
snapshot=
IFS= read -r snapshot <&6
if [ -z "$snapshot" ]; then
  exec 5>&- 6<&-
  wait $psql
  case $( ${absent(database)}) in
  absent) echo ${`the database ${name} isn't in ${container} yet: there is nothing to back up`} >&2; exit ${NOTHING_YET} ;;
  esac
  echo ${`error: the database ${name} in ${container} can't be read as ${user}`} >&2
  exit 1
fi
# gzip at its default level takes six times as long as zstd, and is no smaller.
case $tools in *METHOD*) compress=zstd:3 ;; *) compress=3 ;; esac
${inContainer(database, "pg_dump")} --username ${user} --dbname ${name} --format=custom --compress="$compress" --no-password --snapshot="$snapshot" 3>&- 5>&- 6<&- &
dump=$!
printf '%s\n' ${ABOUT} >&5
printf '%s\n' "$tools" | sed -n '1s/.*/{"version":"&"}/p' >&3
{ ${inContainer(database, "pg_dumpall")} --username ${user} --globals-only --no-password 2>/dev/null ||
  ${inContainer(database, "pg_dumpall")} --username ${user} --globals-only --no-role-passwords --no-password; } 3>&- 5>&- 6<&- |
  sed -n -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/	/\\t/g' -e '/^[ACG][LR][A-Z]* /s/.*/{"global":"&"}/p' >&3
cat <&6 >&3 5>&- &
cat=$!
exec 6<&-
wait $dump || { echo ${`error: pg_dump of ${name} failed`} >&2; exec 5>&-; exit 1; }
exec 5>&-
wait $psql || { echo ${`error: the tables of ${name} could not be counted`} >&2; exit 1; }
wait $cat`;
}

/**
 * A server that was started a moment ago is waited for. While a new cluster is initialised, another server answers in its
 * place, on the socket alone, and is shut down at the end.
 */
function awake(database: PostgresDatabase): Script {
  const asked = `select case when current_setting('listen_addresses') = '' and now() - pg_postmaster_start_time() < interval '1 minute' then 'starting' else 'awake' end`;
  return sh`tries=0
while [ $tries -lt 60 ]; do
  case $( ${inContainer(database, ...psqlArgv(database, "template1"))} --command ${asked} 2>&1 </dev/null) in
  starting|*'the database system is '*|*'connection to server on socket'*'failed: No such file'*) tries=$(( tries + 1 )); sleep 1 ;;
  *) break ;;
  esac
done`;
}

function absent(database: PostgresDatabase): Script {
  const asked = `select 'absent' where not exists (select from pg_catalog.pg_database where datname = ${text(database.database)})`;
  return sh`${inContainer(database, ...psqlArgv(database, "template1"))} --command ${asked} 2>/dev/null </dev/null`;
}

/** The archive read to its end, every block of it opened; its table of contents alone would pass a cut one. */
export function check(database: PostgresDatabase): Script {
  return inContainerReading(database, "pg_restore", "--file=/dev/null");
}

export function schema(database: PostgresDatabase): Script {
  return psql(database, `${BEGIN}${postgresSchemaSql}`);
}
