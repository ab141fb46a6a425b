import { SCHEMA_SUM } from "../database/schema-sum.ts";
import type { CarryAction } from "../plan/plan.ts";
import { NOTHING_YET } from "../plan/plan.ts";
import { type Script, sh } from "../transport/argv.ts";
import { asciiJson } from "./manifest-text.ts";

/** A backup that rests, in clear, in a folder of its own host: made there, without a detour. */
export interface FolderBackup {
  /** The folder of all the app's backups there, as shell. */
  readonly folder: Script;
  readonly payload: string;
  readonly take: Script;
  readonly check: Script;
  /** Prints the migration that the database is at. */
  readonly head?: Script;
  readonly backup: CarryAction["backup"];
  /** Where the manifest's body is left for later steps of the run. */
  readonly kept: string;
}

/** Durably: the files, the folder that names them. Where `sync` takes no names, all of it. */
const SYNC = sh`flush() { case $(sync --help 2>&1) in *FILE*) sync "$@" ;; *) sync ;; esac; }`;

/** Past the page cache where the file system allows it, so that what is read is what the disk has. */
const READ_BACK = sh`reread() { dd if="$1" bs=4M iflag=direct 2>/dev/null || cat "$1"; }`;

/**
 * Written under a name that no listing takes for a backup, summed up on its way to the disk, read back from it, opened to
 * its end, and only then given its name, all at once. Whatever fails leaves nothing.
 */
export function backupToFolder(input: FolderBackup): Script {
  const { name } = input.backup;
  return sh`umask 077
${SYNC}
${READ_BACK}
folder=${input.folder}
# A run that was killed between its last two commands comes by again: the backup of that name is its own.
[ ! -s "$folder"/${name}/manifest.json ] || { sed -n 's/^{"seal":"[0-9a-f]*","backup":\(.*\)}$/\1/p' "$folder"/${name}/manifest.json >${input.kept}; exit; }
mkdir -p "$folder" && rm -rf "$folder"/.partial-* && mkdir "$folder"/.partial-${name} && cd "$folder"/.partial-${name} || exit 1
trap 'cd / && rm -rf "$folder"/.partial-${name}' EXIT
head=$( ${input.head ?? sh`:`}) || head=
# How it ended comes the same way as the sum: nothing can be written down on a disk that is full.
written=$({ { { (
${input.take}
) 3>about.jsonl 7>&-; echo "took $?" >&7; } | tee ${input.payload} || echo 'took tee' >&7; } | sha256sum | cut -d ' ' -f 1; } 7>&1)
case $written in
*'took tee'*) echo 'error: the disk of the backups could not be written to (no space left on device?)' >&2; exit 1 ;;
*'took 0'*) written=$(printf '%s\n' "$written" | grep -v took) ;;
*'took ${NOTHING_YET}'*) : >${input.kept}; exit ${NOTHING_YET} ;;
*) exit 1 ;;
esac
[ -s ${input.payload} ] || { echo 'error: the tools ended well and wrote nothing' >&2; exit 1; }
[ -z "$head" ] || printf '{"head":"%s"}\n' "$head" >>about.jsonl || exit 1
flush ${input.payload} about.jsonl || exit 1
(
${input.check}
) <${input.payload} >checked 2>&1 &
check=$!
found=$(reread ${input.payload} | sha256sum | cut -d ' ' -f 1)
[ "$found" = "$written" ] || { echo 'error: what was read back from the disk is not what was written' >&2; exit 1; }
wait $check || { cat checked >&2; echo 'error: what was written can not be opened to its end' >&2; exit 1; }
rm checked
${manifest(input)}
printf '%s\n' "$manifest" >manifest.json && flush manifest.json . && [ "$(reread manifest.json)" = "$manifest" ] ||
  { echo 'error: the manifest could not be written (no space left on device?)' >&2; exit 1; }
[ ! -e "$folder"/${name} ] && mv "$folder"/.partial-${name} "$folder"/${name} && flush "$folder" || exit 1
printf '%s\n' "$body" >${input.kept}`;
}

/** The body's numbers are read from the files; what is known before stands in the format. See manifest.ts for the form. */
function manifest({ backup, payload }: FolderBackup): Script {
  const fixed = asciiJson(backup).slice(0, -1).replaceAll("\\", "\\\\").replaceAll("%", "%%");
  const format = `${fixed}%s,"files":{"${payload}":{"bytes":%s,"sha256":"%s"},"about.jsonl":{"bytes":%s,"sha256":"%s"}}%s,"versions":[%s],"verified":"%s"}`;
  return sh`bytes() { wc -c <"$1" | tr -d ' '; }
body=$(printf ${format} "$([ -z "$head" ] || printf ',"head":"%s"' "$head")" \
  "$(bytes ${payload})" "$found" "$(bytes about.jsonl)" "$(sha256sum about.jsonl | cut -d ' ' -f 1)" \
  "$(! grep -q '^{"object"' about.jsonl || printf ',"schema":"%s"' "$( ( ${SCHEMA_SUM} ) <about.jsonl)"
     sed -n 's/^{"rows":.*,"count":\([0-9]*\).*/\1/p' about.jsonl | awk '{ n += $1 } END { if (NR) printf ",\"tables\":%d,\"rows\":%.0f", NR, n }')" \
  "$(sed -n 's/^{"version":\(".*"\)}$/\1/p' about.jsonl | paste -s -d , -)" \
  "$(date -u +%Y-%m-%dT%H:%M:%SZ)")
manifest=$(printf '{"seal":"%s","backup":%s}' "$(printf '%s' "$body" | sha256sum | cut -d ' ' -f 1)" "$body")`;
}

/** A second folder of the same host: the published backup, copied, and read back like the first. */
export function copyToFolder(from: Script, folder: Script, name: string, kept: string): Script {
  return sh`umask 077
${SYNC}
${READ_BACK}
[ -s ${kept} ] || { echo 'there is no new backup'; exit ${NOTHING_YET}; }
folder=${folder}
[ ! -s "$folder"/${name}/manifest.json ] || exit 0
mkdir -p "$folder" && rm -rf "$folder"/.partial-* && mkdir "$folder"/.partial-${name} && cd "$folder"/.partial-${name} || exit 1
trap 'cd / && rm -rf "$folder"/.partial-${name}' EXIT
for file in ${from}/${name}/*; do
  cp "$file" . && flush "$(basename "$file")" || exit 1
  [ "$(reread "$(basename "$file")" | sha256sum)" = "$(sha256sum <"$file")" ] || { echo "error: $file was not copied whole" >&2; exit 1; }
done
flush .
[ ! -e "$folder"/${name} ] && mv "$folder"/.partial-${name} "$folder"/${name} && flush "$folder" || exit 1`;
}

/** For whoever takes it away: the payload as it is made, then, in the script's own memory until then, what is about it. */
export function backupToStream(input: { readonly take: Script; readonly head?: Script; readonly mark: string }): Script {
  return sh`umask 077
head=$( ${input.head ?? sh`:`}) || head=
exec 4>&1
about=$( (
${input.take}
) 3>&1 >&4 4>&- )
status=$?
[ $status = 0 ] || exit $status
[ -z "$head" ] || about=$(printf '%s\n{"head":"%s"}' "$about" "$head")
printf '\n%s\n%s\n' ${input.mark} "$about" >&2`;
}

/** A backup that rests in clear on its host, for a place elsewhere. */
export function publishedToStream(folder: Script, name: string, payload: string, kept: string, mark: string): Script {
  return sh`[ -s ${kept} ] || { echo 'there is nothing to back up yet' >&2; exit ${NOTHING_YET}; }
cat ${folder}/${name}/${payload} || exit 1
printf '\n%s\n' ${mark} >&2
cat ${folder}/${name}/about.jsonl >&2`;
}
