import { lines, sh } from "../../transport/argv.ts";
import { containersOf, waysOf } from "../way/routed.ts";
import { hostPart, Unmeasured } from "./part.ts";

export interface Socket {
  readonly port: number;
  /** Nobody outside of the container can reach it. */
  readonly loopback: boolean;
}

/**
 * What listens in the containers that declared routes lead to, by the kernel's own table: the image needs no tool for it.
 * Without those whose table can't be read.
 */
export const sockets = hostPart<Readonly<Record<string, readonly Socket[]>>>({
  after: true,
  script: (scene, first) => {
    const led = new Set([...waysOf(scene)].flatMap((way) => containersOf(scene, way, first.containers)));
    return sh`look() { # container, a process of it
  [ -r /proc/"$2"/net/tcp ] || return 0
  echo "of $1"
  cat /proc/"$2"/net/tcp /proc/"$2"/net/tcp6 2>/dev/null | awk '$4 == "0A" { print $2 }'
}
${lines([...led].map(({ name, pid }) => sh`look ${name} ${pid}`))}
:`;
  },
  read: ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim().split("\n")[0] || `it ended with status ${exit}`);
    const all: Record<string, Socket[]> = {};
    let of: Socket[] = [];
    for (const line of stdout.split("\n")) {
      const name = /^of (\S+)$/.exec(line)?.[1];
      if (name !== undefined) of = all[name] = [];
      const [, address = "", port] = /^([0-9A-F]+):([0-9A-F]{4})$/.exec(line) ?? [];
      // Docker's own resolver listens in every container.
      if (port !== undefined && address !== "0B00007F")
        of.push({ port: Number.parseInt(port, 16), loopback: isLoopback(address) });
    }
    return all;
  },
});

/** Addresses as the kernel writes them: 127.0.0.1, ::1 and 127.0.0.1 within IPv6. */
function isLoopback(address: string): boolean {
  return (
    /^[0-9A-F]{6}7F$/.test(address) || address === `${"0".repeat(24)}01000000` || /^0{16}FFFF0000[0-9A-F]{6}7F$/.test(address)
  );
}
