import { defineCheck } from "../../check.ts";
import { declaredIn, reachedBy, subjectOfServer } from "../../databases.ts";
import { fail, pass } from "../../finding.ts";
import { linesOf } from "../../logged.ts";
import { isUp } from "../../owner.ts";

const VERSIONS = /initialized by PostgreSQL version (\d+(?:\.\d+)?),? which is not compatible with this version (\d+(?:\.\d+)?)/;

export const majorMismatch = defineCheck({
  id: "db.major.mismatch",
  severity: "error",
  finds: "a database server whose data is of another major version than its image",
  about:
    "PostgreSQL doesn't start on files of another major version. It happens when the tag in the compose file is raised, or floats. Nothing is lost: the files are untouched.",
  remedy:
    "Set the image back to the version that the files are of. To go to the new one: back up, start it on a new volume, restore there.",
  fixClass: "person",
  *judge(seen, scene) {
    // The server itself can't be asked: it is its container, and what that says, that tell.
    const servers = new Map([...declaredIn(scene)].map(({ database }) => [database.container as string, database]));
    for (const server of servers.values()) {
      const subject = subjectOfServer(seen, scene, server);
      const container = seen.containers.find(({ name }) => name === server.container);
      const line = container && linesOf(seen, container, "version").at(-1);
      if (!line || isUp(container, scene)) {
        yield pass(subject);
        continue;
      }
      const [, files = "?", image = "?"] = VERSIONS.exec(line.text) ?? [];
      yield fail(subject, {
        title: `${server.container} can't start: its files are of PostgreSQL ${files}, ${container.ref} is ${image}`,
        evidence: [line.text],
        fix: {
          class: "person",
          text: `set the image back to postgres:${files} in the compose file and start it; for the newer one: back up, start it on a new volume, restore`,
        },
        reaches: reachedBy(scene, server),
      });
    }
  },
});
