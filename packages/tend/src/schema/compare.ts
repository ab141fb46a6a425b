import { containersOf, keyOf, parentsOf, tableOf } from "./containment.ts";
import { contrast } from "./contrast.ts";
import type { Definition, SchemaObject } from "./objects.ts";
import { byTable } from "./order.ts";

export interface Difference {
  readonly kind: string;
  readonly identity: string;
  /** The table or view that it is, or belongs to. */
  readonly table?: string;
  /** Seen from the left: missing on the right, extra there, or not the same. */
  readonly change: "missing" | "extra" | "differs";
  readonly left?: Definition;
  readonly right?: Definition;
  /** What of it differs, each for people to read: `type integer → bigint`. */
  readonly details?: readonly string[];
}

export interface CompareOptions {
  /** Owners and privileges count; they seldom agree where the servers' roles don't. */
  readonly owners: boolean;
}

/** What two schemas don't have in common, by table. What is in a missing table isn't missed once more. */
export function compareSchemas(
  left: readonly SchemaObject[],
  right: readonly SchemaObject[],
  options: CompareOptions,
): readonly Difference[] {
  const sides = { left: byKey(left, options), right: byKey(right, options) };
  const all = new Map<string, Difference>();
  for (const key of new Set([...sides.left.keys(), ...sides.right.keys()])) {
    const difference = differenceOf(sides.left.get(key), sides.right.get(key));
    if (difference) all.set(key, difference);
  }
  return [...all.values()].filter((difference) => !isToldAlready(difference, all, sides)).sort(byTable);
}

type Side = ReadonlyMap<string, SchemaObject>;

function byKey(objects: readonly SchemaObject[], { owners }: CompareOptions): Side {
  const counted = owners ? objects : objects.filter(({ kind }) => kind !== "owner" && kind !== "privilege");
  return new Map(counted.map((object) => [keyOf(object.kind, object.identity), object]));
}

function differenceOf(left: SchemaObject | undefined, right: SchemaObject | undefined): Difference | undefined {
  const object = left ?? right;
  if (!object) return undefined;
  const { kind, identity } = object;
  const table = tableOf(object);
  const what = { kind, identity, ...(table !== undefined && { table }) };
  if (!right) return { ...what, change: "missing", left: object.def };
  if (!left) return { ...what, change: "extra", right: object.def };
  const details = contrast(left.def, right.def);
  return details.length === 0 ? undefined : { ...what, change: "differs", left: left.def, right: right.def, details };
}

/** By the difference of what it is in, or, for a column that a table inherits, by that of the parent's column. */
function isToldAlready(
  difference: Difference,
  all: ReadonlyMap<string, Difference>,
  sides: { readonly left: Side; readonly right: Side },
): boolean {
  const { change } = difference;
  if (change !== "differs" && containersOf(difference).some((key) => all.get(key)?.change === change)) return true;
  return parentsOf(difference, sides).some((key) => {
    const parent = all.get(key);
    return parent?.change === change && sameDetails(parent, difference);
  });
}

function sameDetails(one: Difference, other: Difference): boolean {
  return JSON.stringify(one.details) === JSON.stringify(other.details);
}
