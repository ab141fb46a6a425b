import { addresses } from "./addresses.ts";
import { backups } from "./backups.ts";
import { certificateFiles } from "./certificate-files.ts";
import { certificates } from "./certificates.ts";
import { challenges } from "./challenges.ts";
import { compose } from "./compose.ts";
import { containerLogs } from "./container-logs.ts";
import { containers } from "./containers.ts";
import { contracts } from "./contracts.ts";
import { ddclient } from "./ddclient.ts";
import { engine } from "./engine.ts";
import { filesystems } from "./filesystems.ts";
import { hops } from "./hops.ts";
import { images } from "./images.ts";
import { listening } from "./listening.ts";
import { logs } from "./logs.ts";
import { machine, outOfMemory } from "./machine.ts";
import { migrations } from "./migrations.ts";
import { mounts } from "./mounts.ts";
import { mtu } from "./mtu.ts";
import { names } from "./names.ts";
import { networks } from "./networks.ts";
import { type Part, type Reach, Unmeasured } from "./part.ts";
import { postgres } from "./postgres.ts";
import { proxies } from "./proxies.ts";
import { publicAddress } from "./public-address.ts";
import { registry } from "./registry.ts";
import { releases } from "./releases.ts";
import { renewals } from "./renewals.ts";
import { secrets } from "./secrets.ts";
import { sockets } from "./sockets.ts";
import { sqlite } from "./sqlite.ts";
import { sshd } from "./sshd.ts";
import { state } from "./state.ts";
import { trouble } from "./trouble.ts";
import { units } from "./units.ts";
import { updates } from "./updates.ts";

/** All that is asked about a host. A new part is a file here and a line. */
export const parts = {
  filesystems,
  containers,
  contracts,
  // tls
  certificates,
  certificateFiles,
  renewals,
  challenges,
  addresses,
  publicAddress,
  names,
  ddclient,
  // host
  engine,
  machine,
  outOfMemory,
  units,
  sshd,
  listening,
  updates,
  containerLogs,
  mtu,
  secrets,
  state,
  // container
  compose,
  networks,
  images,
  releases,
  mounts,
  trouble,
  registry,
  // data
  postgres,
  sqlite,
  backups,
  logs,
  migrations,
  proxies,
  sockets,
  hops,
} as const;

export type PartName = keyof typeof parts;
export type FactName = PartName | "reach";

/** The facts as checks read them. A part that could not be measured throws `Unmeasured` when it is asked for. */
export type Seen = { readonly [K in PartName]: (typeof parts)[K] extends Part<infer T> ? T : never } & { readonly reach: Reach };

export type Measured = { readonly value: unknown } | { readonly unmeasured: string };
export type Facts = Readonly<Record<FactName, Measured>>;

export function seenOf(facts: Partial<Facts>): Seen {
  const seen = {};
  for (const name of ["reach", ...Object.keys(parts)] as FactName[]) {
    Object.defineProperty(seen, name, {
      enumerable: true,
      get: () => {
        const fact = facts[name] ?? { unmeasured: "it was not asked yet" };
        if ("unmeasured" in fact) throw new Unmeasured(fact.unmeasured);
        return fact.value;
      },
    });
  }
  return seen as Seen;
}
