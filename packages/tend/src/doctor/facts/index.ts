import { containers } from "./containers.ts";
import { filesystems } from "./filesystems.ts";
import { hops } from "./hops.ts";
import { listening } from "./listening.ts";
import { type Part, type Reach, Unmeasured } from "./part.ts";
import { proxies } from "./proxies.ts";

/** All that is asked about a host. A new part is a file here and a line. */
export const parts = { filesystems, containers, proxies, listening, hops } as const;

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
