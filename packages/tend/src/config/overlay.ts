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
  return merge(base, over, "app");
}

/** Maps merge; anything else replaces; an empty value takes away what the app declares. */
function merge(base: MapTree, over: MapTree, name: string): MapTree {
  if (name === "source" && isAnotherKind(base, over)) return over;
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, { keyAt, value }] of over.entries) {
    const below = base.entries.get(key);
    if (below && value.kind === "scalar" && value.value === null) entries.delete(key);
    else entries.set(key, { keyAt, value: below ? mergeValue(asMap(below.value, key), value, key) : value });
  }
  return { ...base, entries };
}

function mergeValue(base: Tree, over: Tree, name: string): Tree {
  return base.kind === "map" && over.kind === "map" ? merge(base, over, name) : over;
}

/** `git`, `image` and `images` exclude each other, so the overlay's kind is the one that is meant. */
function isAnotherKind(base: MapTree, over: MapTree): boolean {
  const kinds = ["git", "image", "images"];
  const meant = kinds.find((kind) => over.entries.has(kind));
  return meant !== undefined && !base.entries.has(meant);
}

/** `services: [web, worker]` is short for a map of services without settings. */
function asMap(tree: Tree, name: string): Tree {
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
