import { childOf, type MapTree, type Tree } from "./tree.ts";

/** Below an app: `["databases", "main"]`. */
export type Keys = readonly string[];

/** Keys that exclude each other, so the overlay's is the one that is meant, and nothing of the other kind stays. */
const EXCLUSIVE = [
  { within: /^source$/, kinds: ["git", "image", "images"] },
  { within: /^databases [^ ]+$/, kinds: ["postgres", "sqlite"] },
  { within: /^files [^ ]+$/, kinds: ["volume", "path"] },
] as const;

export function isAnotherKind(base: MapTree, over: MapTree, path: Keys): boolean {
  const meant = kindOf(over, path);
  return meant !== undefined && meant !== kindOf(base, path);
}

export function isNothing(tree: Tree | undefined): boolean {
  return tree === undefined || (tree.kind === "scalar" && tree.value === null);
}

function kindOf(map: MapTree, path: Keys): string | undefined {
  const place = path.join(" ");
  if (place === "migrate") return whenItMigrates(map);
  const kinds: readonly string[] = EXCLUSIVE.find(({ within }) => within.test(place))?.kinds ?? [];
  return kinds.find((kind) => !isNothing(childOf(map, kind)));
}

/** By a command unless it says otherwise; a map with neither leaves that to the app. */
function whenItMigrates(map: MapTree): string | undefined {
  const at = childOf(map, "at");
  if (at?.kind === "scalar" && typeof at.value === "string") return at.value;
  return isNothing(childOf(map, "run")) ? undefined : "deploy";
}
