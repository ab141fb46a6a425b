import { sh } from "../../transport/argv.ts";
import { hostPart } from "./part.ts";

/** The Docker command, the engine that it speaks to, and what keeps it from that. */
export interface EngineSeen {
  /** Where the command is; undefined where there is none. */
  readonly program?: string;
  readonly client?: string;
  /** The engine's version; undefined where it didn't answer. */
  readonly server?: string;
  /** Why it didn't. */
  readonly trouble?: string;
  /** Compose's version; undefined where the plugin is missing. */
  readonly compose?: string;
  readonly user: string;
  readonly groups: readonly string[];
  /** Who may use its socket: `root:docker 660`. */
  readonly socket?: string;
  /** Where it didn't answer: what systemd says of its unit, and the end of the unit's log. */
  readonly unit?: string;
  readonly log: readonly string[];
}

export const engine = hostPart<EngineSeen>({
  script: () => sh`echo "user $(id -un)"
echo "groups $(id -Gn)"
program=$(command -v docker) || exit 0
echo "program $program"
docker version --format '{{.Client.Version}}' 2>/dev/null | sed 's/^/client /'
if server=$(docker version --format '{{.Server.Version}}' 2>&1); then echo "server $server"; else
  echo "trouble $(echo "$server" | grep -v '^$' | tail -n 1)"
  echo "socket $(stat -c '%U:%G %a' /var/run/docker.sock 2>/dev/null)"
  for unit in docker.service snap.docker.dockerd.service; do
    state=$(systemctl show "$unit" -p LoadState -p ActiveState -p Result 2>/dev/null | cut -d = -f 2 | tr '\n' ' ')
    case "$state" in *loaded*) echo "unit $unit $state"; journalctl -u "$unit" -q -n 3 --no-pager -o cat 2>/dev/null | sed 's/^/log /' ;; esac
  done
fi
docker compose version --short 2>/dev/null | sed 's/^/compose /'
:`,
  read: ({ stdout }) => {
    const lines = stdout.split("\n");
    const first = (key: string) =>
      lines
        .find((line) => line.startsWith(`${key} `))
        ?.slice(key.length + 1)
        .trim() || undefined;
    return {
      program: first("program"),
      client: first("client"),
      server: first("server"),
      trouble: first("trouble"),
      compose: first("compose"),
      user: first("user") ?? "?",
      groups: first("groups")?.split(" ") ?? [],
      socket: first("socket"),
      unit: first("unit"),
      log: lines.flatMap((line) => (line.startsWith("log ") ? [line.slice(4)] : [])),
    };
  },
});
