import { defineCheck } from "../../check.ts";
import { answering, declaredIn, reachedBy, subjectOfDatabase, subjectOfServer } from "../../databases.ts";
import { fail, pass } from "../../finding.ts";

const MANY = 0.8;
const FULL = 0.97;

export const connections = defineCheck({
  id: "db.connections",
  severity: "error",
  finds: "a database server whose connections are nearly used up",
  about: `Each connection is a process of the server; when max_connections are open, the next app is refused, and so is a backup. A warning from ${MANY * 100} %, an error from ${FULL * 100} %.`,
  remedy:
    "Find who holds them (`select usename, application_name, count(*) from pg_stat_activity group by 1, 2`): a pool that is too large, or leaks. Raising max_connections costs memory and a restart.",
  fixClass: "person",
  needs: ["db.down"],
  *judge(seen, scene) {
    const count = "select usename, application_name, state, count(*) from pg_stat_activity group by 1, 2, 3 order by 4 desc";
    for (const server of seen.postgres ?? []) {
      const { container, user, trouble } = server;
      const subject = subjectOfServer(seen, scene, server);
      if (trouble && trouble.kind !== "full") continue;
      const { used, most } = server.connections;
      const share = trouble ? 1 : used / most;
      if (share < MANY) yield pass(subject);
      else {
        yield fail(subject, {
          severity: share >= FULL ? "error" : "warning",
          title: trouble
            ? `${container} takes no more connections: all are in use`
            : `${container} has ${used} of ${most} connections in use`,
          evidence: [
            trouble ? (trouble.said.split("\n")[0] as string) : `max_connections is ${most}, ${used} client sessions are open`,
          ],
          cause: "a pool that is too large, or one that doesn't give back",
          fix: {
            class: "person",
            text: `see who holds them: docker exec ${container} psql -U ${user} -d template1 -c "${count}"; restarting that service frees its own`,
          },
          reaches: share >= FULL ? reachedBy(scene, server) : [],
        });
      }
    }
    for (const _ of answering(seen)); // says so where one could not be asked
  },
});

export const collation = defineCheck({
  id: "db.collation",
  severity: "warning",
  finds: "indexes that were made under another version of the system's sort order",
  about:
    "When an image moves to another distribution, or from Debian to Alpine, texts sort otherwise: indexes on them miss rows, and unique ones let twins in. PostgreSQL 15 and later record the version.",
  remedy: "Back up, `REINDEX DATABASE`, then `ALTER DATABASE … REFRESH COLLATION VERSION`. Or go back to the former image.",
  fixClass: "person",
  needs: ["db.down"],
  *judge(seen, scene) {
    for (const server of answering(seen)) {
      for (const { app, database } of declaredIn(scene, server)) {
        const found = server.databases.find(({ name }) => name === database.database);
        if (!found?.collation) continue;
        const { recorded, actual } = found.collation;
        const subject = subjectOfDatabase(scene, app, database);
        if (recorded === undefined || recorded === actual) yield pass(subject);
        else {
          const name = database.database;
          const psql = `docker exec ${server.container} psql -U ${server.user} -d ${name}`;
          const anew = `tend backup ${app.name}; then ${psql} -c 'REINDEX DATABASE "${name}"' and ${psql} -c 'ALTER DATABASE "${name}" REFRESH COLLATION VERSION'`;
          // PostgreSQL doesn't let a version go: what has none sorts by the bytes, or by rules that nobody can name.
          const back = `go back to the former image, of the same distribution; to stay with this one: tend backup ${app.name}, then tend restore ${app.name} newest, which makes every index anew`;
          yield fail(subject, {
            title: `${name} was made with version ${recorded} of its collation, and ${server.container} has ${actual ?? "none"}: indexes on texts may miss rows`,
            evidence: [`pg_database.datcollversion is ${recorded}, the system library's is ${actual ?? "not known"}`],
            cause: "the image has another C library than the one that made the indexes",
            fix: {
              class: "person",
              text: actual === undefined ? back : anew,
            },
          });
        }
      }
    }
  },
});

export const archiving = defineCheck({
  id: "db.archive.failing",
  severity: "warning",
  finds: "a server that can't archive its write-ahead log",
  about: "Each segment is kept until it was archived. While that fails, the disk fills, and the archive has a hole.",
  remedy: "Run the archive_command by hand inside the container; its message is in the server's log.",
  fixClass: "person",
  needs: ["db.down"],
  *judge(seen, scene) {
    for (const server of answering(seen)) {
      const { archive, container } = server;
      if (!archive) continue;
      const subject = subjectOfServer(seen, scene, server);
      const failing =
        archive.lastFailed !== undefined &&
        (archive.lastDone === undefined || Date.parse(archive.lastDone) < Date.parse(archive.lastFailed));
      if (!failing) yield pass(subject);
      else {
        yield fail(subject, {
          title: `${container} can't archive its write-ahead log: ${archive.failed} attempts failed`,
          evidence: [
            `the last one, of ${archive.wal ?? "a segment"}, at ${archive.lastFailed}`,
            archive.lastDone ? `the last that was archived, at ${archive.lastDone}` : "none was ever archived",
          ],
          fix: { class: "person", text: `see the server's own words: docker logs --tail 50 ${container}` },
        });
      }
    }
  },
});
