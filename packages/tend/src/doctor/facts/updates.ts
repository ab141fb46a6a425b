import { sh } from "../../transport/argv.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** What apt would bring, by the package lists that are there. */
export interface UpdatesSeen {
  /** Packages with a security update. */
  readonly security: readonly string[];
  readonly all: number;
  /** Seconds since the lists were fetched. */
  readonly listed: number;
  /** They are installed by themselves. */
  readonly unattended: boolean;
}

/** Undefined on a host that isn't Debian or its kin. */
export const updates = hostPart<UpdatesSeen | undefined>({
  within: 20,
  script: () => sh`command -v apt-get >/dev/null || exit 0
newest=$(ls -1t /var/lib/apt/lists/*Packages* 2>/dev/null | head -n 1)
[ -n "$newest" ] || { echo "it has no package lists: apt-get update has never run" >&2; exit 3; }
echo "listed $(( $(date +%s) - $(stat -c %Y /var/lib/apt/lists) ))"
eval "$(apt-config shell unattended APT::Periodic::Unattended-Upgrade 2>/dev/null)"
echo "unattended $unattended"
apt-get -s -o Debug::NoLocking=true dist-upgrade | grep '^Inst ' | cut -c 1-300
:`,
  read: ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim() || `apt-get ended with ${exit}`);
    if (stdout === "") return undefined;
    const due = stdout.split("\n").filter((line) => line.startsWith("Inst "));
    return {
      // `Inst openssl [3.5.1-1] (3.5.4-1 Debian-Security:13/trixie-security [amd64])`: where it comes from stands in the parentheses.
      security: due.flatMap((line) => (/\([^)]*-security|Debian-Security/i.test(line) ? [line.split(" ")[1] as string] : [])),
      all: due.length,
      listed: Number(/^listed (\d+)$/m.exec(stdout)?.[1] ?? 0),
      unattended: /^unattended [1-9]/m.test(stdout),
    };
  },
});
