import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

export interface UnitSeen {
  readonly name: string;
  readonly description: string;
  readonly active: string;
  /** `success`, `exit-code`, `timeout`, `oom-kill` … */
  readonly result: string;
  readonly status: number;
  /** The declared apps that its name or its command speaks of. */
  readonly apps: readonly string[];
  /** Its command speaks of Docker or tend. */
  readonly docker: boolean;
  /** The end of its log, where it failed. */
  readonly log: readonly string[];
}

export interface TimerSeen {
  readonly name: string;
  readonly enabled: boolean;
  readonly active: boolean;
  /** Its condition doesn't hold: it isn't meant to run here. */
  readonly barred: boolean;
  /** Seconds since it went off; undefined where it never has, or systemd is too old to tell. */
  readonly last?: number;
  /** Seconds until it goes off by the calendar; below 0 where it should have. */
  readonly next?: number;
  readonly service?: UnitSeen;
}

export interface UnitsSeen {
  readonly failed: readonly UnitSeen[];
  readonly timers: readonly TimerSeen[];
}

const UNIT = "-p Id -p Description -p LoadState -p ActiveState -p Result -p ExecMainStatus";
const TIMER =
  "-p Id -p UnitFileState -p LoadState -p ActiveState -p ConditionResult -p ConditionTimestampMonotonic -p LastTriggerUSec -p NextElapseUSecRealtime -p Unit";

/** What systemd says of the units that failed and of its timers. Commands may hold secrets: only what they speak of is told. */
export const units = hostPart<UnitsSeen>({
  script: ({ apps }) => sh`[ -d /run/systemd/system ] || { echo "it isn't run by systemd" >&2; exit 3; }
unit() {
  # systemd-run describes a unit by its whole command.
  systemctl show "$1" ${UNIT.split(" ")} | grep -v -e '^Description=\[systemd-run\]' -e '^Description=/'
  text="$1 $(systemctl show "$1" -p ExecStart)"
  for app in ${apps.map((app) => app.name as string)}; do case "$text" in *"$app"*) echo "App=$app" ;; esac; done
  case "$text" in *docker* | *"/tend "*) echo "Docker=yes" ;; esac
}
failed=$(systemctl list-units --state=failed --plain --no-legend --no-pager | cut -d ' ' -f 1)
for name in $failed; do
  echo "--- failed"
  unit "$name"
  journalctl -u "$name" -q -n 4 --no-pager -o cat 2>/dev/null | sed 's/^/Log=/'
done
timers=$( { systemctl list-unit-files --type=timer --state=enabled --plain --no-legend --no-pager
systemctl list-units --type=timer --all --plain --no-legend --no-pager; } | cut -d ' ' -f 1 | grep '[^@]\.timer$' | sort -u)
for name in $timers; do
  echo "--- timer"
  echo "Now=$(date +%s)"
  systemctl show "$name" --timestamp=unix ${TIMER.split(" ")} 2>/dev/null || systemctl show "$name" ${TIMER.split(" ")}
  echo "--- service"
  service=$(systemctl show "$name" -p Unit | cut -d = -f 2)
  [ -n "$service" ] || continue
  unit "$service"
  case " $failed " in *"$service"*) ;; *) [ "$(systemctl show "$service" -p Result)" = Result=success ] && continue ;; esac
  journalctl -u "$service" -q -n 4 --no-pager -o cat 2>/dev/null | sed 's/^/Log=/'
done
:`,
  read: ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim() || `systemctl ended with ${exit}`);
    const failed: UnitSeen[] = [];
    const timers: TimerSeen[] = [];
    for (const section of stdout.split(/^--- /m).slice(1)) {
      const [kind = "", ...lines] = section.split("\n");
      const all = lines.flatMap((line) => {
        const at = line.indexOf("=");
        return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
      });
      if (kind === "failed") failed.push(unitOf(all));
      else if (kind === "timer" && new Map(all).get("LoadState") === "loaded") timers.push(timerOf(new Map(all)));
      else if (kind === "service" && all.length > 0) {
        const timer = timers.at(-1);
        if (timer) timers[timers.length - 1] = { ...timer, service: unitOf(all) };
      }
    }
    return { failed, timers };
  },
});

function unitOf(all: readonly (readonly [string, string])[]): UnitSeen {
  const of = new Map(all);
  const each = (key: string) => all.flatMap(([name, value]) => (name === key ? [value] : []));
  return {
    name: of.get("Id") ?? "?",
    description: of.get("Description") ?? "",
    active: of.get("ActiveState") ?? "",
    result: of.get("Result") ?? "",
    status: Number(of.get("ExecMainStatus") ?? 0),
    apps: each("App"),
    docker: of.has("Docker"),
    log: each("Log"),
  };
}

function timerOf(of: ReadonlyMap<string, string>): TimerSeen {
  const now = Number(of.get("Now"));
  const unix = (key: string) => {
    const found = /^@(\d+)$/.exec(of.get(key) ?? "");
    return found ? Number(found[1]) : undefined;
  };
  const [last, next] = [unix("LastTriggerUSec"), unix("NextElapseUSecRealtime")];
  return {
    name: of.get("Id") ?? "?",
    enabled: /^enabled/.test(of.get("UnitFileState") ?? ""),
    active: of.get("ActiveState") === "active",
    // A unit that was never started has no result yet, and says "no".
    barred: of.get("ConditionResult") === "no" && of.get("ConditionTimestampMonotonic") !== "0",
    last: last ? now - last : undefined,
    next: next ? next - now : undefined,
  };
}
