import type { Span } from "./text.ts";

export type Path = readonly PropertyKey[];

/** What a declaration says, each part knowing where it stands. Overlays are merged here, so positions stay true. */
export type Tree = MapTree | ListTree | ScalarTree;

interface Place {
  /** Where it was written, overlay included: `apps.web.environments.dev.path`. */
  readonly path: readonly string[];
  readonly at: Span;
}
export interface MapTree extends Place {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
}
interface ListTree extends Place {
  readonly kind: "list";
  readonly items: readonly Tree[];
}
export interface ScalarTree extends Place {
  readonly kind: "scalar";
  readonly value: Scalar;
}
export interface Entry {
  readonly keyAt: Span;
  readonly value: Tree;
}
export type Scalar = string | number | boolean | null;

/** The part at a path, or the nearest part above it that exists. */
export interface Found {
  readonly tree: Tree;
  readonly keyAt?: Span;
  /** The keys of the path that are not there. */
  readonly missing: Path;
}

export function find(tree: Tree, path: Path, keyAt?: Span): Found {
  const [step, ...rest] = path;
  const below = step === undefined ? undefined : child(tree, step);
  return below ? find(below.value, rest, below.keyAt) : { tree, keyAt, missing: path };
}

export function childOf(tree: Tree | undefined, key: string): Tree | undefined {
  return tree?.kind === "map" ? tree.entries.get(key)?.value : undefined;
}

export function keysOf(tree: Tree | undefined): readonly string[] {
  return tree?.kind === "map" ? [...tree.entries.keys()] : [];
}

/**
 * A list of names stands for a map of them: `services: [web, worker]`; a value for a list of it: `to: ~/backups`; and a text
 * for a map with its path: `sqlite: ~/app.db`.
 */
function child(tree: Tree, step: PropertyKey): { keyAt?: Span; value: Tree } | undefined {
  if (step === 0 && tree.kind !== "list") return { value: tree };
  if (tree.kind === "map") return tree.entries.get(String(step));
  if (tree.kind === "scalar") return step === "path" ? { value: tree } : undefined;
  const named = tree.items.find((item) => item.kind === "scalar" && item.value === step);
  const value = typeof step === "number" ? tree.items[step] : named;
  return value && { value };
}

export function plain(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, { value }]) => [key, plain(value)]));
}
