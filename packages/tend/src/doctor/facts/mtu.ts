import { lines, sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** The largest packet of the way out, and of Docker's networks that have containers. */
export interface MtuSeen {
  readonly uplink: string;
  readonly mtu: number;
  readonly networks: readonly { readonly name: string; readonly mtu: number }[];
}

export const mtu = hostPart<MtuSeen>({
  after: true,
  script: (_, first) => {
    const running = first.containers.filter(({ state }) => state === "running");
    const networks = new Map(
      running.flatMap(({ networks }) => Object.entries(networks).map(([name, { id }]) => [name, bridgeOf(name, id)])),
    );
    return sh`uplink=$(awk '$2 == "00000000" { print $1; exit }' /proc/net/route 2>/dev/null)
[ -n "$uplink" ] || { echo "it has no default route" >&2; exit 3; }
echo "uplink $(cat "/sys/class/net/$uplink/mtu") $uplink" || exit 4
look() { # network, its bridge
  [ ! -r /sys/class/net/"$2"/mtu ] || echo "network $(cat /sys/class/net/"$2"/mtu) $1"
}
${lines([...networks].map(([name, bridge]) => sh`look ${name} ${bridge}`))}
:`;
  },
  read: ({ exit, stdout, stderr }) => {
    const uplink = /^uplink (\d+) (\S+)$/m.exec(stdout);
    if (exit !== 0 || !uplink) throw new Unmeasured(stderr.trim().split("\n")[0] || `it ended with ${exit}`);
    return {
      uplink: uplink[2] as string,
      mtu: Number(uplink[1]),
      networks: [...stdout.matchAll(/^network (\d+) (\S+)$/gm)].map(([, size, name]) => ({
        name: name as string,
        mtu: Number(size),
      })),
    };
  },
});

/** As Docker calls a network's interface on the host; those of other drivers have none. */
function bridgeOf(name: string, id: string): string {
  return name === "bridge" ? "docker0" : `br-${id.slice(0, 12)}`;
}
