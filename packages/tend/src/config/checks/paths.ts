import type { SubjectName } from "../../model/names.ts";
import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import type { DeclaredDatabase } from "../sections/databases.ts";
import type { DeclaredApp } from "../sections/fleet.ts";
import type { Path } from "../tree.ts";
import { entriesOf } from "./check.ts";

const ON_ANOTHER_MACHINE = "expected an absolute path or ~/…: on another machine a relative path starts nowhere";

/** A relative path means something only on the machine that the declaration is on. */
export function* paths({ hosts, apps }: Declared): Iterable<Mistake> {
  for (const [name, host] of hosts) {
    if (host.ssh && host.state !== undefined) yield* anchored(host.state, ["hosts", name, "state"]);
  }
  for (const [name, app] of apps) {
    if (hosts.get(app.host)?.ssh) yield* anchoredOf(app, ["apps", name]);
  }
}

function* anchoredOf({ path: folder, databases = {}, files = {}, backups }: DeclaredApp, path: Path): Iterable<Mistake> {
  yield* anchored(folder, [...path, "path"]);
  for (const [name, database] of entriesOf<SubjectName, DeclaredDatabase>(databases)) {
    if (database.kind !== "sqlite" || database.volume !== undefined) continue;
    yield* anchored(database.path, [...path, "databases", name, "sqlite", "path"]);
  }
  for (const [name, kept] of entriesOf(files)) {
    if (kept.path !== undefined) yield* anchored(kept.path, [...path, "files", name, "path"]);
  }
  for (const [at, to] of backups.to.entries()) {
    if (to.kind === "host") yield* anchored(to.folder, [...path, "backups", "to", at]);
  }
}

function* anchored(value: string, path: Path): Iterable<Mistake> {
  if (!/^(\/|~\/|~$)/.test(value)) yield { path, hint: ON_ANOTHER_MACHINE };
}
