import type { Difference } from "./compare.ts";
import type { Definition, SchemaObject } from "./objects.ts";

/** Chance that is the same in every run. */
export interface Chance {
  /** 0 to below. */
  below(limit: number): number;
  pick<T>(from: readonly T[]): T;
  /** Each with this likelihood. */
  some<T>(from: readonly T[], likelihood: number): readonly T[];
}

export function chance(seed: number): Chance {
  let state = seed;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick(from) {
      if (from.length === 0) throw new Error("nothing to pick from");
      return from[below(from.length)] as (typeof from)[number];
    },
    some: (from, likelihood) => from.filter(() => next() < likelihood),
  };
}

export function object(kind: string, identity: string, def: Definition = {}): SchemaObject {
  return { kind, identity, def };
}

/** `missing column users.email`: what tests expect of a difference. */
export function named({ change, kind, identity }: Difference): string {
  return `${change} ${kind} ${identity}`;
}
