import { ROOT } from "../../machine/root.ts";
import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** The machine under it all. */
export interface MachineSeen {
  /** Its clock when it was asked, seconds since 1970. */
  readonly at: number;
  readonly uptime: number;
  readonly load: readonly number[];
  readonly processors: number;
  readonly memory: { readonly total: number; readonly available: number };
  /** What takes the most of it: bytes, and the program. */
  readonly largest: readonly { readonly bytes: number; readonly program: string }[];
  readonly swap: { readonly total: number; readonly free: number };
  readonly system: string;
  readonly kernel: string;
  /** Its clock and its kernel are those of a machine around it: LXC, say. */
  readonly contained: boolean;
  /** What systemd says of the clock; undefined where there is no `timedatectl`. */
  readonly time?: { readonly ntp: boolean; readonly synchronized: boolean; readonly can: boolean };
  /** Since when a restart is due, in seconds, and for which packages. */
  readonly reboot?: { readonly for: number; readonly packages: readonly string[] };
}

export const machine = hostPart<MachineSeen>({
  script: () => sh`now=$(date +%s)
echo "at $now"
echo "uptime $(cut -d ' ' -f 1 /proc/uptime)"
echo "load $(cut -d ' ' -f 1-3 /proc/loadavg)"
echo "processors $(nproc 2>/dev/null || echo 1)"
grep -E '^(MemTotal|MemAvailable|SwapTotal|SwapFree):' /proc/meminfo
echo "system $(. /etc/os-release 2>/dev/null && echo "$PRETTY_NAME")"
echo "kernel $(uname -r)"
echo "contained $(systemd-detect-virt -c 2>/dev/null || echo none)"
timedatectl show -p NTP -p NTPSynchronized -p CanNTP 2>/dev/null
ps -eo rss=,args= 2>/dev/null | sort -rn | head -n 3 | awk '{ sub(/.*\//, "", $2); sub(/:$/, "", $2); print "top", $1, $2 }'
for due in /run/reboot-required /var/run/reboot-required; do
  [ -e "$due" ] || continue
  echo "reboot $(( now - $(stat -c %Y "$due") )) $(sort -u "$due.pkgs" 2>/dev/null | tr '\n' ' ')"
  break
done
:`,
  read: ({ stdout, stderr }) => {
    const of = new Map(
      stdout.split("\n").flatMap((line) => {
        const found = /^(\w+)[ :=]\s*(.*)$/.exec(line);
        return found ? [[found[1] as string, (found[2] as string).trim()]] : [];
      }),
    );
    const text = (key: string) => of.get(key) ?? "";
    const kilobytes = (key: string) => Number.parseInt(text(key) || "0", 10) * 1024;
    if (!of.has("at") || !of.has("MemTotal")) throw new Unmeasured(`/proc said nothing${stderr ? `: ${stderr.trim()}` : ""}`);
    const [due, ...packages] = text("reboot").split(" ").filter(Boolean);
    return {
      at: Number(text("at")),
      uptime: Number(text("uptime")),
      load: text("load").split(" ").map(Number),
      processors: Number(text("processors")),
      memory: { total: kilobytes("MemTotal"), available: kilobytes("MemAvailable") },
      largest: [...stdout.matchAll(/^top (\d+) (.+)$/gm)].map(([, size, program]) => ({
        bytes: Number(size) * 1024,
        program: program as string,
      })),
      swap: { total: kilobytes("SwapTotal"), free: kilobytes("SwapFree") },
      system: text("system"),
      kernel: text("kernel"),
      contained: text("contained") !== "none" && text("contained") !== "",
      time: of.has("NTP")
        ? { ntp: text("NTP") === "yes", synchronized: text("NTPSynchronized") === "yes", can: text("CanNTP") === "yes" }
        : undefined,
      reboot: due === undefined ? undefined : { for: Number(due), packages },
    };
  },
});

/** What the kernel wrote in the last week when it ran out of memory; a container's own limit is no matter of the host's. */
export const outOfMemory = hostPart<readonly string[]>({
  script: () => sh`${ROOT}
command -v journalctl >/dev/null || { echo "there is no journalctl" >&2; exit 3; }
kernel() { root journalctl -q --no-pager -o short-iso _TRANSPORT=kernel "$@" 2>/dev/null; }
[ -n "$(kernel -n 1)" ] || { echo "the kernel's log can't be read by $(id -un)" >&2; exit 3; }
kernel --since=-7d | grep -F 'Out of memory: Killed process' | tail -n 5
:`,
  read: ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim() || `journalctl ended with ${exit}`);
    return stdout.split("\n").filter(Boolean);
  },
});
