import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { answering, declaredIn, isHere, subjectOfDatabase } from "../../databases.ts";
import { fail, pass, skip } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";
import { isUnderWay, UNDER_WAY } from "../../under-way.ts";

export const missing = defineCheck({
  id: "db.missing",
  severity: "error",
  finds: "a declared database that its server doesn't have",
  about:
    "Init scripts of a PostgreSQL image run once, when its data folder is empty: a database that is added to them later is never made.",
  remedy: "`tend db create APP` makes it, with its owner and extensions; then migrate, or restore a backup.",
  fixClass: "plan",
  needs: ["db.down"],
  *judge(seen, scene) {
    for (const server of answering(seen)) {
      for (const { app, database } of declaredIn(scene, server)) {
        const subject = subjectOfDatabase(scene, app, database);
        if (server.databases.some(({ name }) => name === database.database)) yield pass(subject);
        else if (!isHere(seen, scene, app)) yield skip(subject, `${app.name} was never started here`);
        else {
          yield fail(subject, {
            title: `${server.container} has no database ${database.database}, which ${app.name} needs`,
            evidence: [`asked as ${server.user}: it isn't in pg_database`],
            cause: "it was never made, or was dropped; init scripts run on an empty data folder only",
            fix: {
              class: "plan",
              text: "make it; then migrate, or restore a backup into it",
              operation: `tend db create ${app.name} --database ${database.name}`,
            },
            reaches: [subjectOf(scene, app)],
          });
        }
      }
    }
  },
});

export const shut = defineCheck({
  id: "db.shut",
  severity: "error",
  finds: "a database that lets nobody in",
  about:
    "While a restore puts one database in the place of another, connections are shut out for a moment. When that was cut off it may have stayed so.",
  remedy: "`tend resume APP` ends what was cut off. Where there is nothing to resume, let connections in by hand.",
  fixClass: "plan",
  needs: ["db.down"],
  *judge(seen, scene) {
    for (const server of answering(seen)) {
      for (const { app, database } of declaredIn(scene, server)) {
        const found = server.databases.find(({ name }) => name === database.database);
        if (!found) continue;
        const subject = subjectOfDatabase(scene, app, database);
        if (found.open) yield pass(subject);
        else if (isUnderWay(seen, app)) yield skip(subject, UNDER_WAY);
        else {
          const open = `alter database "${database.database}" allow_connections true`;
          yield fail(subject, {
            title: `${database.database} in ${server.container} lets nobody in: ${app.name} can't use it`,
            evidence: [`pg_database.datallowconn of ${database.database} is false`],
            cause: "an exchange of databases that was cut off, or somebody's hand",
            fix: {
              class: "plan",
              text: "end the run that was cut off; without one, let connections in by hand",
              operation: `tend resume ${app.name}`,
              commands: [sh`docker exec ${server.container} psql -U ${server.user} -d template1 -c ${open}`],
            },
            reaches: [subjectOf(scene, app)],
          });
        }
      }
    }
  },
});

export const extensionMissing = defineCheck({
  id: "db.extension.missing",
  severity: "error",
  finds: "a database without an extension that it is declared to have",
  about: "A restore or a migration that uses what an extension brings fails without it, and so do the app's queries.",
  remedy: "`tend db create APP` adds the extensions that are missing, and touches nothing else.",
  fixClass: "plan",
  needs: ["db.down"],
  follows: ["db.missing", "db.shut"],
  *judge(seen, scene) {
    for (const server of answering(seen)) {
      for (const { app, database } of declaredIn(scene, server)) {
        const inside = server.databases.find(({ name }) => name === database.database)?.inside;
        if (!inside || database.extensions.length === 0) continue;
        const subject = subjectOfDatabase(scene, app, database);
        const lacking = database.extensions.filter((name) => !inside.extensions.includes(name));
        if (lacking.length === 0) yield pass(subject);
        else {
          yield fail(subject, {
            title: `${database.database} in ${server.container} lacks the extension${lacking.length > 1 ? "s" : ""} ${lacking.join(" and ")}`,
            evidence: [`it has ${inside.extensions.join(", ")}`, `${app.name} declares ${database.extensions.join(", ")}`],
            fix: {
              class: "plan",
              text: "add what is missing",
              operation: `tend db create ${app.name} --database ${database.name}`,
            },
            reaches: [subjectOf(scene, app)],
          });
        }
      }
    }
  },
});
