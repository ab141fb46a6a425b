import type { Keepers } from "../../database/engine.ts";
import { program } from "../../database/sqlite/program.ts";
import { reachFromGround } from "../../database/sqlite/reach.ts";
import { SQLITE_STATUS } from "../../database/sqlite/status.ts";
import { sqliteTool } from "../../database/sqlite/tool.ts";
import type { SqliteDatabase } from "../../model/data.ts";
import type { App } from "../../model/fleet.ts";
import { appKey } from "../../observe/place.ts";
import { lines, type Script, sh } from "../../transport/argv.ts";
import { apps } from "../owner.ts";
import type { Scene } from "../scene.ts";
import type { ContainerSeen } from "./containers.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** A SQLite file as it lies there, and what it says of itself where it is small enough to be asked. */
export interface SqliteSeen {
  /** As tend's own files call it. */
  readonly app: string;
  readonly database: string;
  /** Why its folder can't be looked into. */
  readonly trouble?: string;
  /** Bytes; undefined when there is no such file. */
  readonly size?: number;
  /** Bytes of the log beside it. */
  readonly log: number;
  readonly free: number;
  /** It begins as a SQLite database does; an empty one is one, too. */
  readonly isDatabase: boolean;
  /** `1000:1000 644`, of the file and of its folder. */
  readonly owner: string;
  readonly folder: string;
  /** What reading all of it came to; undefined where it is too large for a look, or nothing here can read it. */
  readonly read?: { readonly sound: boolean; readonly said: string };
  /** Names of tables, and of `table.column`, as far as it was read. */
  readonly objects: readonly string[];
}

/** A larger one isn't read whole for a look: every backup and every drill does. */
const READ_AT_MOST = 32 * 1024 * 1024;

/** By the same tools and ways as a backup of it, while the app runs. */
export const sqlite = hostPart<readonly SqliteSeen[] | undefined>({
  after: true,
  within: 20,
  script: (scene, first) => {
    const databases = [...sqliteIn(scene)];
    if (databases.length === 0) return undefined;
    return lines(
      databases.map(({ app, database }) => sh`( ${question(app, database, keepersOf(scene, app, first.containers))} )`),
    );
  },
  read: ({ stdout, stderr }) => {
    const told = stdout.split("\x1e").slice(1);
    if (told.length === 0) throw new Unmeasured(stderr.trim() || "nothing was answered");
    return told.map(seenOf);
  },
});

export function* sqliteIn(scene: Scene): Iterable<{ readonly app: App; readonly database: SqliteDatabase }> {
  for (const app of scene.apps) {
    for (const database of app.databases) if (database.kind === "sqlite") yield { app, database };
  }
}

function keepersOf(scene: Scene, app: App, containers: readonly ContainerSeen[]): Keepers {
  const own = [...apps(scene, containers)].filter((one) => one.app === app).map(({ container }) => container);
  return {
    project: own[0]?.project ?? app.project,
    containers: own.map(({ name }) => name),
    image: own[0]?.image,
    run: "doctor",
  };
}

function question(app: App, database: SqliteDatabase, keepers: Keepers): Script {
  const site = { ...keepers, database, deadline: 10 };
  return lines([
    sh`printf '\036%s %s\n' ${appKey(app)} ${database.name}`,
    sqliteTool(site),
    reachFromGround(site),
    sh`tend_look=$(tend_reach 2>&1 && tend_files ${LOOK} </dev/null 2>&1)
printf '%s\n' "$tend_look"
tend_size=$(printf '%s\n' "$tend_look" | sed -n 's/^size //p')
[ -n "$tend_tool" ] && [ "$tend_size" -gt 0 ] 2>/dev/null && [ "$tend_size" -le ${READ_AT_MOST} ] || exit 0
tend_about=$(mktemp) || exit 0
tend_said=$(tend_sqlite live '' 3>"$tend_about" 2>&1 >/dev/null </dev/null)
printf 'read %s %s\n' $? "$(printf '%s' "$tend_said" | tail -n 1 | cut -c 1-300)"
sed -n 's/^{"object":\["[a-z ]*","\([^"]*\)"\].*$/object \1/p' "$tend_about" | head -n 2000
rm -f "$tend_about"`,
  ]);
}

const LOOK = program(sh`echo "folder $(stat -L -c '%u:%g %a' "$folder")"
free=$(df -Pk "$folder" | { read -r _; read -r _ _ _ free _; echo "$free"; })
echo "free $(( free * 1024 ))"
[ -e "$path" ] || exit 0
echo "size $(stat -L -c %s "$path")"
echo "owner $(stat -L -c '%u:%g %a' "$path")"
[ ! -e "$path"-wal ] || echo "log $(stat -c %s "$path"-wal)"
[ ! -s "$path" ] || [ "$(head -c 15 "$path" | tr -d '\000')" = 'SQLite format 3' ] || echo foreign`);

function seenOf(text: string): SqliteSeen {
  const [head = "", ...said] = text.split("\n");
  const [app = "", database = ""] = head.split(" ");
  const all = (what: string) => said.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []));
  const [exit, ...words] = all("read")[0]?.split(" ") ?? [];
  const size = all("size")[0];
  return {
    app,
    database,
    trouble: all("error:")[0],
    size: size === undefined ? undefined : Number(size),
    log: Number(all("log")[0] ?? 0),
    free: Number(all("free")[0] ?? 0),
    isDatabase: !said.includes("foreign"),
    owner: all("owner")[0] ?? "",
    folder: all("folder")[0] ?? "",
    read: readOf(exit, words.join(" ")),
    objects: all("object"),
  };
}

/** Only what is certain: a lock, or a tool that came too late, tells nothing about the file. */
function readOf(exit: string | undefined, said: string): SqliteSeen["read"] {
  if (exit === undefined) return undefined;
  if (exit === "0") return { sound: true, said: "" };
  const bad: readonly number[] = [SQLITE_STATUS.damaged, SQLITE_STATUS.notSqlite];
  return bad.includes(Number(exit)) ? { sound: false, said } : undefined;
}
