import { isAnotherKind, isNothing, type Keys } from "./overlay-kinds.ts";
import { childOf, type Entry, keysOf, type MapTree, type Tree } from "./tree.ts";

/** The names of all environments that any app declares. */
export function environmentsOf(fleet: Tree): readonly string[] {
  const apps = childOf(fleet, "apps");
  return [...new Set(keysOf(apps).flatMap((app) => keysOf(childOf(childOf(apps, app), "environments"))))];
}

/** The fleet with one environment laid over each app that declares it; the others stay as they are. */
export function overlay(fleet: Tree, environment: string): Tree {
  return change(fleet, "apps", (apps) => changeEach(apps, (app) => overlayApp(app, environment)));
}

function overlayApp(app: Tree, environment: string): Tree {
  const over = childOf(childOf(app, "environments"), environment);
  if (app.kind !== "map" || over?.kind !== "map") return app;
  const base: MapTree = { ...app, entries: new Map([...app.entries].filter(([key]) => key !== "environments")) };
  return merge(base, over, []);
}

/** Maps merge; anything else replaces; an empty value takes away what the app declares. */
function merge(base: MapTree, over: MapTree, path: Keys): MapTree {
  const isAnother = isAnotherKind(base, over, path);
  const entries = new Map<string, Entry>(isAnother ? [] : base.entries);
  for (const [key, { keyAt, value }] of over.entries) {
    if (base.entries.has(key) && isNothing(value)) entries.delete(key);
    else entries.set(key, { keyAt, value: mergeValue(entries.get(key)?.value, value, [...path, key]) });
  }
  return { ...(isAnother ? over : base), entries };
}

function mergeValue(below: Tree | undefined, over: Tree, path: Keys): Tree {
  const base = below && asMap(below, path.at(-1));
  return base?.kind === "map" && over.kind === "map" ? merge(base, over, path) : over;
}

/** `services: [web, worker]` is short for a map of services without settings. */
function asMap(tree: Tree, name: string | undefined): Tree {
  if (name !== "services" || tree.kind !== "list") return tree;
  const entries = new Map<string, Entry>();
  for (const { kind, path, at, ...item } of tree.items) {
    if (kind !== "scalar" || !("value" in item) || typeof item.value !== "string") return tree;
    entries.set(item.value, { keyAt: at, value: { kind: "scalar", path: [...path, item.value], at, value: null } });
  }
  return { kind: "map", path: tree.path, at: tree.at, entries };
}

function change(tree: Tree, key: string, edit: (value: Tree) => Tree): Tree {
  return changeEach(tree, (value, name) => (name === key ? edit(value) : value));
}

function changeEach(tree: Tree, edit: (value: Tree, name: string) => Tree): Tree {
  if (tree.kind !== "map") return tree;
  const entries = [...tree.entries].map(([name, entry]) => [name, { ...entry, value: edit(entry.value, name) }] as const);
  return { ...tree, entries: new Map(entries) };
}
