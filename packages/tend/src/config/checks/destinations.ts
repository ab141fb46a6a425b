import { posix } from "node:path";
import { type Destination, destinationText } from "../../model/data.ts";
import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import type { DeclaredApp } from "../sections/fleet.ts";
import type { Path } from "../tree.ts";
import { entriesOf } from "./check.ts";

/** Two copies are in two places, and none is in what is copied. */
export function* destinations({ hosts, apps }: Declared, lineOf: (path: Path) => number): Iterable<Mistake> {
  for (const [name, app] of apps) {
    const isLocal = hosts.has(app.host) && hosts.get(app.host)?.ssh === undefined;
    yield* twice(["apps", name, "backups", "to"], app.backups.to, isLocal, lineOf);
    yield* within(["apps", name, "files"], app, isLocal);
  }
}

function* twice(path: Path, all: readonly Destination[], isLocal: boolean, lineOf: (path: Path) => number): Iterable<Mistake> {
  const places = all.map((to) => placeOf(to, isLocal));
  for (const [at, place] of places.entries()) {
    const first = places.indexOf(place);
    if (first === at) continue;
    const says = "two of the destinations are one place";
    yield { path: [...path, at], says, hint: `also on line ${lineOf([...path, first])}` };
  }
}

function* within(path: Path, { files = {}, backups }: DeclaredApp, isLocal: boolean): Iterable<Mistake> {
  for (const [name, { path: folder }] of entriesOf(files)) {
    if (folder === undefined) continue;
    const below = `${placeOf({ kind: "host", folder }, isLocal)}/`;
    const inside = backups.to.find((to) => `${placeOf(to, isLocal)}/`.startsWith(below));
    if (!inside) continue;
    const hint = `expected backups: { to: … } outside of it; ${destinationText(inside)} is inside`;
    yield { path: [...path, name, "path"], says: "what is backed up holds its own backups", hint };
  }
}

/** Two with the same text are the same place, as far as names tell. */
function placeOf(to: Destination, isLocal: boolean): string {
  if (to.kind === "s3") return `s3 ${to.endpoint ?? ""} ${to.bucket}/${to.prefix}`;
  const folder = posix.normalize(to.folder).replace(/(?<=.)\/$/, "");
  return `${isLocal ? "here" : to.kind} ${folder}`;
}
