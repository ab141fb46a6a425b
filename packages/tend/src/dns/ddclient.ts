import { ROOT } from "../machine/root.ts";
import { plainAddress } from "../model/addresses.ts";
import { type Script, sh } from "../transport/argv.ts";

/** What ddclient remembers of a name. It compares a new address with this, never with DNS. */
export interface Remembered {
  readonly host: string;
  readonly ip?: string;
  /** `good`, `badauth`, `failed`, `noconnect`, or whatever the provider said. */
  readonly status?: string;
  /** Seconds since 1970 of the last update that went through; 0 where none did. */
  readonly updated: number;
  /** The same of the last try. */
  readonly tried: number;
}

export interface DdclientSeen {
  readonly installed: boolean;
  /** As systemd says: `enabled`, `disabled`, …; "" without systemd, or without such a unit. */
  readonly enabled: string;
  /** `active`, `inactive`, `failed`, …; "" likewise. */
  readonly active: string;
  readonly remembers: readonly Remembered[];
  /** The cache is there, and only root may read it. */
  readonly unreadable: boolean;
}

const rooted: Script = sh`PATH="$PATH":/usr/sbin:/usr/local/sbin
${ROOT}`;

/** Its cache has no password, its configuration does: that is never read but for where the cache is. */
const remembering: Script = sh`cache=
for conf in /etc/ddclient.conf /etc/ddclient/ddclient.conf; do
  [ -n "$cache" ] || cache=$(root sed -n 's/^[[:space:]]*cache[[:space:]]*=[[:space:]]*\([^,#[:space:]]*\).*/\1/p' "$conf" 2>/dev/null | head -n 1)
done
[ -n "$cache" ] || cache=/var/cache/ddclient/ddclient.cache
root cat "$cache" 2>/dev/null | grep -v '^#' | while read -r line _; do
  echo "entry $(printf '%s\n' "$line" | tr ',' '\n' | grep -E '^(host|ip|ipv4|status|status-ipv4|mtime|atime)=' | tr '\n' ',')"
done`;

export const ddclientScript: Script = sh`${rooted}
command -v ddclient >/dev/null 2>&1 || { echo absent; exit 0; }
echo "service $(systemctl is-enabled ddclient.service 2>/dev/null) , $(systemctl is-active ddclient.service 2>/dev/null)"
root true || echo unreadable
${remembering}
:`;

export function readDdclient(stdout: string): DdclientSeen {
  const lines = stdout.split("\n").map((line) => line.trim());
  const [, enabled = "", active = ""] = lines.map((line) => /^service (\S*) ?, ?(\S*)$/.exec(line)).find(Boolean) ?? [];
  return {
    installed: !lines.includes("absent"),
    enabled,
    active,
    remembers: lines.flatMap(remembered),
    unreadable: lines.includes("unreadable"),
  };
}

function remembered(line: string): readonly Remembered[] {
  if (!line.startsWith("entry ")) return [];
  const values = new Map(
    line
      .slice("entry ".length)
      .split(",")
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const),
  );
  const host = values.get("host");
  if (!host) return [];
  const ip = plainAddress(values.get("ipv4") || values.get("ip") || "");
  const status = values.get("status") || values.get("status-ipv4") || undefined;
  return [
    { host: host.toLowerCase(), ip, status, updated: Number(values.get("mtime")) || 0, tried: Number(values.get("atime")) || 0 },
  ];
}

/** Whether what it sent last went through; an entry without a status is of a version that keeps none. */
export function wentThrough({ status }: Remembered): boolean {
  return status === undefined || status === "good" || status === "nochg";
}

/** Whether an entry is about that record. Of some providers it has the first label only, or `@` for the zone itself. */
export function isAbout({ host }: Remembered, record: string, zone: string | undefined): boolean {
  if (host === "@") return record === (zone ?? record.split(".").slice(-2).join("."));
  return record === host || (!host.includes(".") && record.startsWith(`${host}.`));
}

/** Sends every address anew, whatever it remembers. Never -verbose: that prints passwords. */
export const forceScript: Script = sh`${rooted}
command -v ddclient >/dev/null 2>&1 || { echo "ddclient is not installed"; exit 1; }
root true || { echo "ddclient needs root, and sudo asks for a password"; exit 1; }
root ddclient -daemon=0 -foreground -force`;
