import type { BackupName } from "../../model/names.ts";
import { remotePath, type Script, sh } from "../../transport/argv.ts";
import { checkApp, checkFile, checkName, MANIFEST, MANIFEST_MOST, PARTIAL, partial } from "./place.ts";

/** What the host is asked for a folder of backups: POSIX sh and what coreutils and busybox both have. */
export interface FolderScripts {
  /** In as few processes as there can be: names, sizes, manifests; each closed by a line with the mark. */
  list(app: string, mark: string): Script;
  /** Takes a file from stdin. Its end is no proof that it is whole: a connection that broke looks the same from there. */
  receive(app: string, name: BackupName, file: string): Script;
  /** Gives what was received its name, once the other side says how long it is. */
  accept(app: string, name: BackupName, file: string, bytes: number): Script;
  drop(app: string, name: BackupName, file: string): Script;
  send(app: string, name: BackupName, file: string): Script;
  /** Reads the manifest from stdin. */
  publish(app: string, name: BackupName, bytes: number): Script;
  sweep(app: string): Script;
  remove(app: string, name: BackupName): Script;
}

/** Where `sync` takes no names, it is the whole host's; where it does, an error of it counts. */
const FLUSH = sh`flush() { case $(sync --help 2>&1) in *FILE*) sync "$@" ;; *) sync ;; esac; }
size() { wc -c <"$1" | tr -d ' '; }
umask 077
LC_ALL=C; export LC_ALL`;

export function folderScripts(folder: string): FolderScripts {
  const root = remotePath(folder);
  const of = (app: string) => sh`${root}/${checkApp(app)}`;
  const enter = (app: string) => sh`${FLUSH}
[ -d ${of(app)} ] || exit 0
cd ${of(app)} || exit 1`;
  return {
    list: (app, mark) => sh`${enter(app)}
names() { for name in *; do case $name in -* | *[!a-z0-9_.TZ-]*) ;; *) [ ! -d "$name" ] || printf '%s\n' "$name" ;; esac; done; }
files() { for file in "$name"/*; do case $file in */-* | *[!a-z0-9_.TZ/-]*) ;; *) [ ! -f "$file" ] || printf '%s\n' "$file" ;; esac; done; }
names
printf '\n%s\n' ${mark}
names | while read -r name; do files; done | xargs -r stat -c '%s %n' 2>/dev/null
printf '\n%s\n' ${mark}
names | while read -r name; do printf '%s\n' "$name"/${MANIFEST}; done | xargs -r sh -c 'most=$1; shift; head -v -c "$most" "$@" 2>/dev/null; echo' sh ${MANIFEST_MOST}
printf '\n%s\n' ${mark}`,
    receive: (app, name, file) => sh`${FLUSH}
mkdir -p ${of(app)}/${partial(checkName(name))} && cd ${of(app)}/${partial(name)} || exit 1
exec cat >${checkFile(file)}.writing`,
    accept: (app, name, file, bytes) => sh`${FLUSH}
cd ${of(app)}/${partial(checkName(name))} || exit 1
[ "$(size ${checkFile(file)}.writing)" = ${bytes} ] || { echo "$(size ${file}.writing) bytes of ${bytes} arrived" >&2; exit 1; }
flush ${file}.writing || exit 1
# Whoever reads it back is to get what the disk has, not what memory still has of it.
dd if=${file}.writing iflag=nocache count=0 2>/dev/null
mv ${file}.writing ${file}`,
    drop: (app, name, file) => sh`rm -f ${of(app)}/${partial(checkName(name))}/${checkFile(file)}.writing`,
    send: (app, name, file) => sh`LC_ALL=C; export LC_ALL
cd ${of(app)} || exit 1
if [ -d ${checkName(name)} ]; then cd ${name}; else cd ${partial(name)}; fi || exit 1
exec cat ${checkFile(file)}`,
    publish: (app, name, bytes) => sh`${FLUSH}
cd ${of(app)} || exit 1
[ ! -e ${checkName(name)} ] || { echo ${`${name} exists`} >&2; exit 1; }
( cd ${partial(name)} && cat >${MANIFEST} && [ "$(size ${MANIFEST})" = ${bytes} ] && flush ${MANIFEST} . ) || exit 1
mv ${partial(name)} ${name} && flush . .. ../..`,
    sweep: (app) => sh`${enter(app)}
rm -rf ./${sh`${PARTIAL}`}*/`,
    remove: (app, name) => sh`${enter(app)}
[ -e ${checkName(name)} ] || exit 0
rm -rf ${partial(name)} && mv ${name} ${partial(name)} && flush . && rm -rf ${partial(name)}`,
  };
}
