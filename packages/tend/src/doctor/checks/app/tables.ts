import type { App } from "../../../model/fleet.ts";
import { appKey } from "../../../observe/place.ts";
import { defineCheck } from "../../check.ts";
import { answering } from "../../databases.ts";
import type { Seen } from "../../facts/index.ts";
import { unescaped } from "../../facts/logs.ts";
import { fail, pass } from "../../finding.ts";
import { plain, saidOf } from "./said.ts";

const TABLE = /relation "([^"]+)" does not exist|no such table: ([^\s"',}]+)|Table '([^']+)' doesn't exist/;
const COLUMN = /column "?([^\s",]+)"? does not exist|no such column: ([^\s"',}]+)/;
/** Seconds after which what can't be looked up counts as mended. */
const RECENT = 600;
const TOLD = 3600;

export const tablesMissing = defineCheck({
  id: "app.tables.missing",
  severity: "error",
  finds: "a table or a column that the app asks for, and its database doesn't have",
  about:
    "Each request that needs it ends with 500. The service's log names it, and the database is asked whether it is there by now.",
  remedy:
    "`tend migrate APP`, where migrations are pending. Where none are, the schema was changed by hand, or the data is of another release: `tend db diff APP APP@newest` holds it against the newest backup.",
  fixClass: "plan",
  needs: ["db.down"],
  follows: ["db.missing", "db.shut", "sqlite.missing", "sqlite.integrity", "app.revision.unknown", "app.migrations"],
  *judge(seen, scene) {
    for (const { app, service, subject, lines } of saidOf(seen, scene, "missing")) {
      const lacking = lines.filter(({ at, text }) => {
        const age = (scene.now.getTime() - Date.parse(at)) / 1000;
        if (age > TOLD) return false;
        const name = nameOf(text);
        const there = name && isThere(seen, app, name);
        return name !== undefined && (there === undefined ? age < RECENT : !there);
      });
      const last = lacking.at(-1);
      const name = last && nameOf(last.text);
      if (!last || !name) yield pass(subject);
      else {
        yield fail(subject, {
          title: `${service.name} of ${app.name} asks for the ${name.kind} ${name.name}, which its database doesn't have`,
          evidence: [...new Set(lacking.map(({ text }) => plain(text)))].slice(0, 3),
          cause: "its migrations weren't run on this database, or it is the data of another release",
          fix:
            app.migrate?.at === "start"
              ? { class: "plan", text: "restart it: it migrates when it starts", operation: `tend restart ${app.name}` }
              : { class: "plan", text: "back up, then migrate", operation: `tend migrate ${app.name}` },
        });
      }
    }
  },
});

interface Named {
  readonly kind: "table" | "column";
  readonly name: string;
}

function nameOf(text: string): Named | undefined {
  const said = unescaped(text);
  const table = TABLE.exec(said);
  if (table) return { kind: "table", name: (table[1] ?? table[2] ?? table[3]) as string };
  const column = COLUMN.exec(said);
  return column ? { kind: "column", name: (column[1] ?? column[2]) as string } : undefined;
}

/** Undefined where it can't be told. */
function isThere(seen: Seen, app: App, { kind, name }: Named): boolean | undefined {
  const objects = (seen.sqlite ?? []).flatMap((one) => (one.app === appKey(app) ? one.objects : []));
  const own = new Set(app.databases.flatMap((one) => (one.kind === "postgres" ? [one.database as string] : [])));
  const relations = [...answering(seen)].flatMap(({ databases }) =>
    databases.flatMap((one) => (own.has(one.name) ? (one.inside?.relations ?? []) : [])),
  );
  const known = kind === "table" ? [...objects, ...relations] : objects;
  if (known.length === 0) return undefined;
  const wanted = name.includes(".") && kind === "table" ? name.slice(name.lastIndexOf(".") + 1) : name;
  return known.some((one) => one === wanted || one.endsWith(`.${wanted}`));
}
