import { lines, sh } from "../../transport/argv.ts";
import { declaredIn } from "../databases.ts";
import { apps, isUp } from "../owner.ts";
import type { Scene } from "../scene.ts";
import type { ContainerSeen } from "./containers.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** What a container's log says that is known to mean something: a few lines, whatever its length. */
export interface LogSeen {
  /** The container's name. */
  readonly container: string;
  /** Why its log can't be read: its driver keeps none. */
  readonly unreadable?: string;
  readonly said: Readonly<Partial<Record<Sign, readonly LogLine[]>>>;
}

export interface LogLine {
  /** RFC 3339, as the engine has it. */
  readonly at: string;
  readonly text: string;
}

/**
 * A quoted name is found in a structured line, too. Told apart on the host, by an awk: the words of PostgreSQL, SQLite,
 * Python, Node, Ruby, Elixir and musl. Without {n,}, which Debian's awk doesn't know.
 */
const SIGNS = {
  missing: `relation \\\\?"[^"]+" does not exist|column [^ ]+ does not exist|no such (table|column)|Table '[^']+' doesn't exist`,
  revision: `[Cc]an't locate (revision|migration)|missing from the local migrations|migration directory is corrupt`,
  module: `No module named|Cannot find (module|package) '|ModuleNotFoundError|cannot load such file`,
  library: `Error relocating [^ ]+|Failed to load NIF library|error while loading shared libraries|version .GLIBC[^ ]* not found`,
  env: `[A-Z][A-Z0-9_][A-Z0-9_]+['"]? (is not set|must be set|is required|is missing|not set)|KeyError: '[A-Z][A-Z0-9_]+'|could not fetch environment variable|[Mm]issing (required )?environment variable|variable is not set|required variable`,
  slot: `replication slot \\\\?"[^"]+" is active for PID|[Rr]eplication slot \\\\?"?[^ "]*"? ?(is )?already in use`,
  login: `password authentication failed for user \\\\?"[^"]+"|no pg_hba\\.conf entry for`,
  load: `STATEMENT: +COPY .* FROM stdin`,
  deprecated: `DeprecationWarning`,
  version: `data directory was initialized by PostgreSQL version`,
  sqlite: `attempt to write a readonly database|unable to open database file|database disk image is malformed|database or disk is full`,
  error: `[Ee]rror|ERROR|[Ee]xception|FATAL|fatal|[Pp]anic|PANIC|critical|CRITICAL|Traceback`,
} as const;
export type Sign = keyof typeof SIGNS;

/** A line without the backslashes that quotes have in a structured one. */
export function unescaped(text: string): string {
  return text.replaceAll('\\"', '"');
}

/** What is looked at of a log, and what is kept of it. */
const TAIL_LINES = 1000;
const TAIL_BYTES = 262_144;
const LINES_A_SIGN = 6;
const LINE_BYTES = 700;

/** Of each sign the last lines. One program for all of them: a log is read once, and by one process. */
const TELLING = `function keep(sign) { line[sign, count[sign]++ % ${LINES_A_SIGN}] = substr($0, 1, ${LINE_BYTES}) }
${Object.entries(SIGNS)
  .map(([sign, pattern]) => `/${pattern}/ { keep("${sign}") }`)
  .join("\n")}
/does not support reading/ { unreadable = $0 }
END {
  for (sign in count) {
    at = count[sign] > ${LINES_A_SIGN} ? count[sign] - ${LINES_A_SIGN} : 0
    for (; at < count[sign]; at++) print sign, line[sign, at % ${LINES_A_SIGN}]
  }
  if (unreadable) print "unreadable", unreadable
}`;

/** The logs of the declared services, and of the servers that their databases are in. */
export const logs = hostPart<readonly LogSeen[] | undefined>({
  after: true,
  within: 15,
  script: (scene, first) => {
    const chosen = chosenOf(scene, first.containers);
    if (chosen.length === 0) return undefined;
    return lines([
      sh`look() { # container, further options
  container=$1; shift
  printf '\036log %s\n' "$container"
  docker logs --timestamps --tail ${TAIL_LINES} "$@" "$container" 2>&1 | tail -c ${TAIL_BYTES} | tr -d '\000\036' | awk ${TELLING}
}`,
      // Of one that has started, what was before its start is over; of one that doesn't, that is what tells why.
      ...chosen.map((container) => sh`look ${container.name} ${isUp(container, scene) ? ["--since", container.startedAt] : []}`),
    ]);
  },
  read: ({ stdout, stderr }) => {
    const told = stdout.split("\x1elog ").slice(1);
    if (told.length === 0) throw new Unmeasured(stderr.trim() || "nothing was answered");
    return told.map((text) => {
      const [container = "", ...said] = text.split("\n");
      const found: Partial<Record<Sign, LogLine[]>> = {};
      let unreadable: string | undefined;
      for (const line of said) {
        const [sign = "", at = ""] = line.split(" ", 2);
        if (sign === "unreadable") unreadable = line.slice(sign.length + 1);
        if (!(sign in SIGNS) || Number.isNaN(Date.parse(at))) continue;
        const one = sign as Sign;
        found[one] = [...(found[one] ?? []), { at, text: line.slice(sign.length + at.length + 2) }];
      }
      return { container, unreadable, said: found };
    });
  },
});

function chosenOf(scene: Scene, containers: readonly ContainerSeen[]): readonly ContainerSeen[] {
  const own = new Set([...apps(scene, containers)].map(({ container }) => container.name));
  for (const { database } of declaredIn(scene)) own.add(database.container);
  return containers.filter(({ name }) => own.has(name));
}
