import { databaseId, type SubjectName } from "../../model/names.ts";
import type { Declared } from "../declared.ts";
import type { Mistake } from "../issues.ts";
import { quoted } from "../problem.ts";
import type { DeclaredDatabase } from "../sections/databases.ts";
import type { Path } from "../tree.ts";
import { entriesOf } from "./check.ts";

/** A backup is called by what it is of, and a PostgreSQL database by its app unless it says otherwise. */
export function* subjects({ apps }: Declared, lineOf: (path: Path) => number): Iterable<Mistake> {
  for (const [appName, app] of apps) {
    const path = ["apps", appName];
    for (const [name] of entriesOf(app.files ?? {})) {
      const database = [...path, "databases", name];
      if (!Object.hasOwn(app.databases ?? {}, name)) continue;
      yield {
        path: [...path, "files", name],
        says: `a database and files are both called ${quoted(name)}`,
        hint: `also on line ${lineOf(database)}: backups are called by these names`,
        spot: "key",
      };
    }
    for (const [name, database] of entriesOf<SubjectName, DeclaredDatabase>(app.databases ?? {})) {
      if (database.kind !== "postgres" || database.database || databaseId.parse(appName)) continue;
      yield {
        path: [...path, "databases", name, "postgres", "name"],
        hint: `expected name: NAME, since PostgreSQL has no name like ${appName}`,
      };
    }
  }
}
