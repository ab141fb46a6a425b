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

const UNIT = ["Id", "Description", "LoadState", "ActiveState", "Result", "ExecMainStatus", "ExecStart"];
const TIMER = [
  ...["Id", "UnitFileState", "LoadState", "ActiveState", "ConditionResult", "ConditionTimestampMonotonic"],
  ...["LastTriggerUSec", "NextElapseUSecRealtime", "Unit"],
];
const properties = (names: readonly string[]) => names.flatMap((name) => ["-p", name]);

/**
 * Commands may hold secrets: of them only what they speak of is told. systemd-run describes a unit by its whole command.
 * An empty line ends a unit.
 */
const SPEAKS_OF = `
function told() {
  for (at = 1; at <= count; at++) if (index(text, name[at])) print "App=" name[at]
  if (index(text, "docker") || index(text, "/tend ")) print "Docker=yes"
  text = ""
}
BEGIN { count = split(apps, name, " ") }
/^Id=|^ExecStart=/ { text = text " " $0 }
/^ExecStart=|^Description=(\\[systemd-run\\]|\\/)/ { next }
/^$/ { told() }
{ print }
END { told() }`;

/** What systemd says of the units that failed, and of its timers with what they start: a few calls for all of them. */
export const units = hostPart<UnitsSeen>({
  script: ({ apps }) => sh`[ -d /run/systemd/system ] || { echo "it isn't run by systemd" >&2; exit 3; }
failed=$(systemctl list-units --state=failed --plain --no-legend --no-pager | cut -d ' ' -f 1)
timers=$( { systemctl list-unit-files --type=timer --state=enabled --plain --no-legend --no-pager
systemctl list-units --type=timer --all --plain --no-legend --no-pager; } | cut -d ' ' -f 1 | grep '[^@]\.timer$' | sort -u)
echo "--- now"
date +%s
echo "--- failed"
echo "$failed"
echo "--- timers"
[ -z "$timers" ] || systemctl show $timers --timestamp=unix ${properties(TIMER)} 2>/dev/null || systemctl show $timers ${properties(TIMER)}
started=$([ -z "$timers" ] || systemctl show $timers -p Unit | sed -n 's/^Unit=\(..*\)/\1/p' | sort -u)
echo "--- units"
[ -z "$failed$started" ] || told=$(systemctl show $failed $started ${properties(UNIT)} | awk -v apps=${apps.map((app) => app.name as string).join(" ")} ${SPEAKS_OF})
echo "$told"
echo "--- logs"
bad=$(echo "$told" | awk -F = '$1 == "Id" { id = $2 } $1 == "Result" && $2 != "success" { bad = 1 } $0 == "" { if (bad) print id; bad = 0 } END { if (bad) print id }')
for name in $bad; do journalctl -u "$name" -q -n 4 --no-pager -o cat 2>/dev/null | sed "s|^|$name |"; done
:`,
  read: ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim() || `systemctl ended with ${exit}`);
    const parts = new Map(
      stdout
        .split(/^--- /m)
        .slice(1)
        .map((part) => [part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1)]),
    );
    const now = Number(parts.get("now"));
    const logs = parts.get("logs")?.split("\n") ?? [];
    const units = sectionsOf(parts.get("units")).map((section) => unitOf(section, logs));
    const failed = new Set(parts.get("failed")?.split("\n").filter(Boolean));
    return {
      failed: units.filter((unit) => failed.has(unit.name)),
      timers: sectionsOf(parts.get("timers")).flatMap((section) => {
        const of = new Map(section);
        if (of.get("LoadState") !== "loaded") return [];
        return [{ ...timerOf(of, now), service: units.find((unit) => unit.name === of.get("Unit")) }];
      }),
    };
  },
});

type Section = readonly (readonly [key: string, value: string])[];

/** `systemctl show` of several units: lines of `KEY=value`, an empty line between two units. */
function sectionsOf(text = ""): readonly Section[] {
  return text.split(/\n\n+/).flatMap((section) => {
    const pairs = section.split("\n").flatMap((line) => {
      const at = line.indexOf("=");
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    });
    return pairs.length > 0 ? [pairs] : [];
  });
}

function unitOf(all: Section, logs: readonly string[]): UnitSeen {
  const of = new Map(all);
  const each = (key: string) => all.flatMap(([name, value]) => (name === key ? [value] : []));
  const name = of.get("Id") ?? "?";
  return {
    name,
    description: of.get("Description") ?? "",
    active: of.get("ActiveState") ?? "",
    result: of.get("Result") ?? "",
    status: Number(of.get("ExecMainStatus") ?? 0),
    apps: each("App"),
    docker: of.has("Docker"),
    log: logs.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : [])),
  };
}

function timerOf(of: ReadonlyMap<string, string>, now: number): TimerSeen {
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
