import { databaseId } from "../model/names.ts";
import { type Probe, probe } from "../observe/observe.ts";
import { sh } from "../transport/argv.ts";
import type { FoundContainer } from "./engine.ts";
import type { FoundProject, Mount } from "./found.ts";

/** Compose files and their kin are small; what is larger is something else. */
const MOST_BYTES = 200_000;

export interface Closer {
  readonly there: boolean;
  readonly git?: FoundProject["git"];
  /** Files by their absolute paths. */
  readonly texts: ReadonlyMap<string, string>;
  readonly hints: readonly string[];
}

/** A compose project's folder: its compose files, its checkout, and where migrations may be. */
export function folderProbe(folder: string, files: readonly string[]): Probe<Closer> {
  return probe(
    sh`cd ${folder} 2>/dev/null || exit 3
echo there
branch=$(git symbolic-ref --short -q HEAD 2>/dev/null) && {
  echo "branch $branch"
  echo "upstream $(git rev-parse --abbrev-ref "$branch@{upstream}" 2>/dev/null)"
}
for file in ${files} ${`${folder}/`}*.yml ${`${folder}/`}*.yaml; do
  [ -f "$file" ] && [ -r "$file" ] && [ "$(wc -c <"$file")" -lt ${MOST_BYTES} ] || continue
  grep -qE '^(services|include)[ ]*:' "$file" || continue
  printf 'file %s %s\n' "$(wc -l <"$file" | tr -d ' ')" "$file"
  cat "$file"
  echo
done
[ -f alembic.ini ] && echo 'hint alembic.ini is there'
[ -f manage.py ] && echo 'hint manage.py is there: python manage.py migrate'
[ -d prisma/migrations ] && echo 'hint prisma/migrations is there'
[ -f package.json ] && grep -oE '"[A-Za-z0-9:_-]*(migrat|upgrade)[A-Za-z0-9:_-]*"[ ]*:' package.json | tr -d '": ' | sed 's/^/hint package.json has the script /'
[ -f Makefile ] && grep -oE '^[A-Za-z0-9_-]*migrat[A-Za-z0-9_-]*:' Makefile | tr -d ':' | sed 's/^/hint the Makefile has /'
exit 0`,
    ({ stdout }) => readFolder(stdout),
  );
}

function readFolder(text: string): Closer {
  const lines = text.split("\n");
  const texts = new Map<string, string>();
  const hints: string[] = [];
  let branch = "";
  let upstream = "";
  for (let at = 1; at < lines.length; at += 1) {
    const line = lines[at] as string;
    const [, count, file] = /^file (\d+) (.+)$/.exec(line) ?? [];
    if (count !== undefined && file !== undefined) {
      // A last line without its end is one more than wc counts, and the blank after it one more still.
      const end = at + 1 + Number(count);
      const last = lines[end] === "" ? end : end + 1;
      texts.set(file, lines.slice(at + 1, last).join("\n"));
      at = lines[last] === "" ? last : last - 1;
    } else if (line.startsWith("branch ")) branch = line.slice(7);
    else if (line.startsWith("upstream ")) upstream = line.slice(9);
    else if (line.startsWith("hint ")) hints.push(line.slice(5));
  }
  return { there: lines[0] === "there", git: branch === "" ? undefined : { branch, upstream }, texts, hints };
}

/** A proxy's own configuration, from inside its container: as it is mounted and copied there. */
export function configProbe(container: string): Probe<string> {
  return probe(
    sh`docker exec ${container} sh -c 'for file in /etc/nginx/conf.d/*.conf /etc/nginx/http.d/*.conf /etc/nginx/sites-enabled/* /config/nginx/site-confs/*.conf /config/nginx/proxy-confs/*.conf /data/nginx/proxy_host/*.conf /etc/caddy/Caddyfile; do [ -f "$file" ] && cat "$file" && echo; done; exit 0' 2>/dev/null | head -c 400000`,
    ({ stdout }) => stdout,
  );
}

/** The addresses in the script that a health check runs: `node src/healthcheck.ts` asks somewhere. */
export function healthProbe(container: string, script: string): Probe<readonly string[]> {
  return probe(
    sh`docker exec ${container} cat -- ${script} 2>/dev/null | head -c 20000 | grep -oE 'https?://([$][{][^}]*[}]|[^ "'"'"'<>)]|[$][(][^)]*[)])+' | head -n 5
exit 0`,
    ({ stdout }) => stdout.split("\n").filter(Boolean),
  );
}

/** The file among a health check's words, if it runs one. */
export function scriptOf(words: readonly string[]): string | undefined {
  return words
    .flatMap((word) => word.split(/\s+/))
    .find((word) => /^[A-Za-z0-9_.@/-]+\.(?:[cm]?[jt]s|py|sh|rb|php|pl)$/.test(word) && !word.startsWith("-"));
}

export type Standing = Pick<Mount, "isFile" | "sqlite" | "others" | "unseen">;

/** Files to look into, at most: those that call themselves databases come first. */
const MOST_FILES = 200;

/**
 * What stands in a mount: SQLite's files by their first bytes, and whether there is anything else. From outside where
 * the user may look, else from inside the container.
 */
export function mountProbe({ service }: FoundContainer, mount: Mount): Probe<Standing> {
  const outside = "path" in mount.from ? mount.from.path : "";
  const search = `cd "$1" 2>/dev/null || exit 3
echo seen
{ find . -maxdepth 3 -type f -size +0 \\( -name "*.db" -o -name "*.sqlite*" -o -name "*.db3" \\); find . -maxdepth 3 -type f -size +0 ! -name "*.db" ! -name "*.sqlite*" ! -name "*.db3"; } 2>/dev/null | head -n ${MOST_FILES} | while IFS= read -r file; do
  case $(head -c 15 "$file" 2>/dev/null | tr -d "\\000") in "SQLite format 3") echo "sqlite $file" ;; *) echo "other $file" ;; esac
done`;
  return probe(
    sh`if [ -n ${outside} ] && [ -f ${outside} ]; then echo file; exit 0; fi
if [ -n ${outside} ] && [ -d ${outside} ] && [ -r ${outside} ] && [ -x ${outside} ]; then sh -c ${search} sh ${outside}
else docker exec ${service.container} sh -c ${search} sh ${mount.target}; fi 2>/dev/null
exit 0`,
    ({ stdout }) => readMount(stdout),
  );
}

function readMount(text: string): Standing {
  const lines = text.split("\n").filter(Boolean);
  const sqlite = lines.flatMap((line) => (line.startsWith("sqlite ") ? [line.slice(7).replace(/^\.\//, "")] : []));
  const beside = new Set(sqlite.flatMap((file) => [`${file}-wal`, `${file}-shm`, `${file}-journal`]));
  const others = lines.some((line) => line.startsWith("other ") && !beside.has(line.slice(6).replace(/^\.\//, "")));
  return { isFile: lines[0] === "file", sqlite, others, unseen: lines.length === 0 };
}

/** The extensions of a database, but for the one that every database has. */
export function extensionsProbe(container: string, user: string, database: string): Probe<readonly string[]> {
  const names = [user, database].map((name) => databaseId.parse(name));
  if (names.includes(undefined)) return probe(sh`:`, () => []);
  const statement = "select extname from pg_extension where extname <> 'plpgsql' order by 1";
  return probe(
    sh`docker exec ${container} psql --no-psqlrc --quiet --tuples-only --no-align --username ${user} --dbname ${database} --command ${statement} 2>/dev/null
exit 0`,
    ({ stdout }) => stdout.split("\n").filter((line) => /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/.test(line)),
  );
}

/** Timers that somebody wrote for this host: when each runs. What they run may have a password in it, and isn't read. */
export const timersProbe = probe(
  sh`for file in /etc/systemd/system/*.timer "$HOME"/.config/systemd/user/*.timer; do
  [ -f "$file" ] && [ ! -L "$file" ] || continue
  echo "$(basename "$file") $(sed -n 's/^On[A-Za-z]*=//p' "$file" | head -n 1)"
done`,
  ({ stdout }) => stdout.split("\n").filter(Boolean).slice(0, 20),
);
