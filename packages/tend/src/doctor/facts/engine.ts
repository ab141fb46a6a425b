import { sh } from "../../transport/argv.ts";
import { hostPart } from "./part.ts";

/** The Docker command, the engine that it speaks to, and what keeps it from that. */
export interface EngineSeen {
  /** Where the command is; undefined where there is none. */
  readonly program?: string;
  /** The engine's version; undefined where it didn't answer. */
  readonly server?: string;
  /** Why it didn't. */
  readonly trouble?: string;
  /** Compose's version; undefined where the plugin is missing. */
  readonly compose?: string;
  /** Registries that it speaks to without TLS: `10.0.0.1:5000`. */
  readonly insecure: readonly string[];
  readonly user: string;
  readonly groups: readonly string[];
  /** Who may use its socket: `root:docker 660`. */
  readonly socket?: string;
  /** Where it didn't answer: what systemd says of its unit, and the end of the unit's log. */
  readonly unit?: string;
  readonly log: readonly string[];
}

/** One call for all, since each looks at every plugin. What the client knows by itself comes first: it is told in any case. */
const INFO = `{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}compose {{.Version}}{{println}}{{end}}{{end -}}
{{range .ServerErrors}}trouble {{.}}{{println}}{{end -}}
{{with .Info}}{{with .ServerVersion}}server {{.}}{{println}}{{end -}}
{{with .RegistryConfig}}{{range .IndexConfigs}}{{if not .Secure}}insecure {{.Name}}{{println}}{{end}}{{end}}{{end}}{{end}}`;

export const engine = hostPart<EngineSeen>({
  script: () => sh`echo "user $(id -un)"
echo "groups $(id -Gn)"
program=$(command -v docker) || exit 0
echo "program $program"
info=$(docker info --format ${INFO} 2>&1)
echo "$info" | grep -E '^(compose|server|insecure) '
echo "$info" | grep -q '^server ' || {
  echo "trouble $(echo "$info" | grep -v -e '^compose ' -e '^$' | sed 's/^trouble //' | tail -n 1)"
  echo "socket $(stat -c '%U:%G %a' /var/run/docker.sock 2>/dev/null)"
  for unit in docker.service snap.docker.dockerd.service; do
    state=$(systemctl show "$unit" -p LoadState -p ActiveState -p Result 2>/dev/null | cut -d = -f 2 | tr '\n' ' ')
    case "$state" in *loaded*) echo "unit $unit $state"; journalctl -u "$unit" -q -n 3 --no-pager -o cat 2>/dev/null | sed 's/^/log /' ;; esac
  done
}
:`,
  read: ({ stdout }) => {
    const all = (key: string) =>
      stdout.split("\n").flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1).trim()] : []));
    const first = (key: string) => all(key)[0] || undefined;
    return {
      program: first("program"),
      server: first("server"),
      trouble: first("trouble"),
      compose: first("compose")?.replace(/^v/, ""),
      insecure: all("insecure"),
      user: first("user") ?? "?",
      groups: first("groups")?.split(" ") ?? [],
      socket: first("socket"),
      unit: first("unit"),
      log: all("log"),
    };
  },
});
