import { defineCheck } from "../../check.ts";
import { declaredIn, subjectOfServer } from "../../databases.ts";
import { fail, pass } from "../../finding.ts";
import { linesOf } from "../../logged.ts";

/** Seconds after which what became of it is seen elsewhere. */
const LATELY = 3600;
const TABLE = /COPY (?:"?\w+"?\.)?"?(\w+)"? /;
/** Tables that migrations fill themselves, whenever an app starts. */
const OF_MIGRATIONS =
  /^(schema_migrations|alembic_version|ar_internal_metadata|django_migrations|flyway_schema_history|knex_migrations(_lock)?|_prisma_migrations)$/;

export const loadFailed = defineCheck({
  id: "db.load.failed",
  severity: "warning",
  finds: "rows that a database server has refused to load: a restore by hand that isn't whole",
  about:
    "A dump as text that is piped into psql goes on after each error, and so does pg_restore: a table whose columns differ stays empty, and the end looks like success. The server's log of the last hour has every COPY that failed. One into a table of migrations is harmless: they had filled it when the app started.",
  remedy:
    "Make the schemas the same first: `tend db diff APP.dev APP`. Then load a dump in the custom format, or have it done and compared: `tend restore APP BACKUP --data-only`.",
  fixClass: "person",
  *judge(seen, scene) {
    const servers = new Map([...declaredIn(scene)].map((one) => [one.database.container as string, one]));
    for (const [name, { app }] of servers) {
      const container = seen.containers.find((one) => one.name === name);
      if (!container) continue;
      const subject = subjectOfServer(seen, scene, { container: container.name });
      const lately = linesOf(seen, container, "load").filter(({ at }) => scene.now.getTime() - Date.parse(at) < LATELY * 1000);
      const tables = [...new Set(lately.flatMap(({ text }) => TABLE.exec(text)?.[1] ?? []))];
      const lacking = tables.filter((table) => !OF_MIGRATIONS.test(table));
      if (tables.length === 0) yield pass(subject);
      else if (lacking.length === 0) {
        yield fail(subject, {
          severity: "info",
          title: `rows of ${tables.join(" and ")} were refused by ${name}: they were there already`,
          evidence: lately.slice(-2).map(({ text }) => text),
          cause: "migrations had filled it when the app started: that is harmless",
          fix: { class: "person", text: "nothing has to be done" },
        });
      } else {
        yield fail(subject, {
          title: `rows of ${lacking.join(" and ")} could not be loaded into ${name}: of that COPY none is there`,
          evidence: lately.slice(-3).map(({ text }) => text),
          cause: "the tables have other columns than the dump was made of, or a dump as text was piped into psql",
          fix: {
            class: "person",
            text: `see the reason: docker logs --since 1h ${name}. Let migrations make the same tables, empty those that were filled, and load it again in one piece: tend restore ${app.name} BACKUP --data-only`,
          },
        });
      }
    }
  },
});
