import { firstErrors } from "../../execute/evidence.ts";
import { lines, type Script, sh } from "../../transport/argv.ts";
import type { ContainerSeen } from "./containers.ts";
import { hostPart } from "./part.ts";

/** What is asked further about a container that isn't well. */
export interface TroubleSeen {
  /** The first errors of its log since its last start. */
  readonly errors: readonly string[];
  /** Programs that its image has, of those that health checks are made with; where its own is missing. */
  readonly tools: readonly string[];
  /** Where it listens, in its own network. */
  readonly listens: readonly { readonly v6: boolean; readonly port: number }[];
  /** What it is started with, where that could not be run. */
  readonly program?: { readonly path: string; readonly found: boolean; readonly mode?: string; readonly crlf: boolean };
}

/** So many are asked about: a host where more have failed has one cause, not twenty. */
const MOST = 8;
const TOOLS = ["curl", "wget", "node", "python3", "php", "ruby", "nc", "bash"];

/** Containers that end, end again, or whose health check fails. By id. */
export const trouble = hostPart<Readonly<Record<string, TroubleSeen>>>({
  after: true,
  within: 20,
  script: (_, first) => {
    const ill = first.containers.filter((one) => !one.oneOff && isIll(one));
    return sideBySide(ill.slice(0, MOST));
  },
  read: ({ stdout }) => Object.fromEntries(stdout.split(/^= /m).slice(1).map(understand)),
});

function isIll({ state, exitCode, error, restarts, health }: ContainerSeen): boolean {
  if (state === "restarting" || state === "dead") return true;
  if (state === "exited" || state === "created") return exitCode !== 0 || error !== "";
  return restarts >= 3 || (health?.last !== undefined && health.status !== "healthy" && health.last.exit !== 0);
}

/** Each line of a log gets a mark of its own, and is cut here: nothing that is printed in there can pass for an answer. */
function sideBySide(ill: readonly ContainerSeen[]): Script {
  return sh`log() { # container, since, most
  said=$(docker logs --since "$2" --tail "$3" "$1" 2>&1 | cut -b 1-400 | head -c 40000)
  printf '%s\n' "$said" | sed 's/^/log|/'
}
tools() {
  docker exec "$1" sh -c ${`for tool in ${TOOLS.join(" ")}; do command -v $tool >/dev/null 2>&1 && echo "tool|$tool"; done`} 2>/dev/null
}
listens() {
  awk '$4 == "0A" { print "tcp4|" $2 }' /proc/"$1"/net/tcp 2>/dev/null
  awk '$4 == "0A" { print "tcp6|" $2 }' /proc/"$1"/net/tcp6 2>/dev/null
}
program() { # container, how it ended
  case "$2 $said" in 12[67]*|*exec*) ;; *) return ;; esac
  path=$(docker container inspect --format '{{.Path}}' "$1")
  case $path in /*) ;; *) return ;; esac
  mode=$(docker cp -L "$1:$path" - 2>/dev/null | tar -tvf - 2>/dev/null | head -n 1 | cut -d ' ' -f 1)
  crlf=no
  [ -z "$mode" ] || docker cp -L "$1:$path" - 2>/dev/null | tar -xOf - 2>/dev/null | head -n 1 | head -c 200 | grep -q '^#!.*'"$(printf '\r')" && crlf=yes
  echo "program|$crlf|$mode|$path"
}
answers=$(mktemp -d) || exit 1
trap 'rm -rf "$answers"' EXIT
${lines(
  ill.map(
    (one) => sh`( echo ${`= ${one.id}`}
${about(one)} ) >"$answers"/${one.id} &`,
  ),
)}
wait
cat "$answers"/* 2>/dev/null
:`;
}

function about({ id, state, startedAt, pid, health, exitCode, error }: ContainerSeen): Script {
  const log = sh`log ${id} ${startedAt} ${state === "running" ? 200 : 1000}`;
  if (state !== "running") return lines([log, sh`program ${id} ${`${exitCode} ${error}`}`]);
  return health?.status === "healthy" ? log : lines([log, sh`tools ${id}`, sh`listens ${pid}`]);
}

function understand(text: string): readonly [string, TroubleSeen] {
  const [id = "", ...rest] = text.split("\n");
  const of = (mark: string) => rest.flatMap((line) => (line.startsWith(`${mark}|`) ? [line.slice(mark.length + 1)] : []));
  const ports = (mark: string, v6: boolean) =>
    of(mark).map((address) => ({ v6, port: Number.parseInt(address.slice(address.lastIndexOf(":") + 1), 16) }));
  const [crlf, mode, ...path] = of("program")[0]?.split("|") ?? [];
  return [
    id.trim(),
    {
      errors: firstErrors(of("log").join("\n")),
      tools: of("tool"),
      listens: [...ports("tcp4", false), ...ports("tcp6", true)],
      program:
        path.length > 0 ? { path: path.join("|"), found: mode !== "", mode: mode || undefined, crlf: crlf === "yes" } : undefined,
    },
  ];
}
