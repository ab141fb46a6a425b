import type { Probe } from "../../observe/observe.ts";
import { lines, sh } from "../../transport/argv.ts";
import { program } from "./program.ts";
import { reachFromGround } from "./reach.ts";
import type { SqliteSite } from "./site.ts";
import { sqliteTool } from "./tool.ts";

/** What a plan for a SQLite database relies on. */
export interface SqliteFacts {
  /** What reads it, and where: `python3 in legal-web-1`. Without it, a copy takes a stopped app. */
  readonly tool?: string;
  /** Bytes of the file and of its log; absent when there is no database yet. */
  readonly size?: number;
  readonly log: number;
  /** Bytes free on its file system; absent when its folder can't be reached. */
  readonly free?: number;
  readonly journal?: "wal" | "delete";
  /** Somebody has it open for sure; without the log it can't be known cheaply. */
  readonly open: boolean;
  /** Its path on the host, as far as that is known. */
  readonly path?: string;
  /** Running containers that have it mounted. */
  readonly users: readonly string[];
  /** Containers that have the file mounted by itself, whose log nobody else sees. */
  readonly alone: readonly string[];
  /** Why files beside it can't be touched. */
  readonly trouble?: string;
}

export function sqliteProbe(site: SqliteSite): Probe<SqliteFacts> {
  const script = lines([
    sqliteTool(site),
    reachFromGround(site),
    sh`[ -z "$tend_tool" ] || case $tend_where in
exec) printf 'tool %s in %s\n' "$tend_tool" "$tend_container" ;;
host) printf 'tool %s on the host\n' "$tend_tool" ;;
run) printf 'tool %s in a container of %s\n' "$tend_tool" "$tend_image" ;;
esac
printf 'path %s\n' "$tend_real"
tend_user_of() { [ "$2" != running ] || printf 'user %s\n' "$1"; [ -z "$7" ] || printf 'alone %s\n' "$1"; return 1; }
tend_keepers tend_user_of
tend_reach 2>&1 && tend_files ${FACTS} </dev/null 2>&1
! tend_is_open || echo open
:`,
  ]);
  return { script, read: (seen) => facts(seen.stdout) };
}

const FACTS = program(sh`free=$(df -Pk "$folder" | { read -r _; read -r _ _ _ free _; echo "$free"; })
echo "free $(( free * 1024 ))"
[ -e "$path" ] || exit 0
echo "size $(stat -L -c %s "$path")"
[ ! -e "$path"-wal ] || echo "log $(stat -c %s "$path"-wal)"
case $(od -An -tu1 -j18 -N1 "$path") in '') ;; *2) echo 'journal wal' ;; *) echo 'journal delete' ;; esac`);

function facts(text: string): SqliteFacts {
  const said = text.split("\n").map((line) => [line.split(" ", 1)[0] as string, line.replace(/^\S+ ?/, "")] as const);
  const all = (key: string) => said.flatMap(([name, value]) => (name === key ? [value] : []));
  const number = (key: string) => (all(key)[0] === undefined ? undefined : Number(all(key)[0]));
  const journal = all("journal")[0];
  return {
    tool: all("tool")[0],
    size: number("size"),
    log: number("log") ?? 0,
    free: number("free"),
    journal: journal === "wal" || journal === "delete" ? journal : undefined,
    open: all("open").length > 0,
    path: all("path")[0] || undefined,
    users: all("user"),
    alone: all("alone"),
    trouble: all("error:")[0],
  };
}
