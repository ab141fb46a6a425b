import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** The largest packet of the way out, and of Docker's networks that have containers. */
export interface MtuSeen {
  readonly uplink: string;
  readonly mtu: number;
  readonly networks: readonly { readonly name: string; readonly mtu: number }[];
}

export const mtu = hostPart<MtuSeen>({
  script: () => sh`uplink=$(awk '$2 == "00000000" { print $1; exit }' /proc/net/route 2>/dev/null)
[ -n "$uplink" ] || { echo "it has no default route" >&2; exit 3; }
echo "uplink $(cat "/sys/class/net/$uplink/mtu") $uplink" || exit 4
networks=$(docker network ls --filter driver=bridge --format '{{.ID}} {{.Name}}') || exit 1
echo "$networks" | while read -r id name; do
  bridge="/sys/class/net/br-$id"
  [ "$name" != bridge ] || bridge=/sys/class/net/docker0
  [ -n "$(ls "$bridge/brif" 2>/dev/null)" ] && echo "network $(cat "$bridge/mtu") $name"
done
:`,
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
