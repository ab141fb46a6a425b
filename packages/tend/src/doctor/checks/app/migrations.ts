import { appKey } from "../../../observe/place.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass, skip } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";
import { isUnderWay, UNDER_WAY } from "../../under-way.ts";

export const migrations = defineCheck({
  id: "app.migrations",
  severity: "error",
  finds: "migrations that the running code expects, and that weren't applied",
  about:
    "The declared `migrate: pending` command is asked in the running container, for eight seconds at most. New code on an old schema answers with errors on every page that needs what is new.",
  remedy: "`tend migrate APP`: it backs up first, and migrates only when that backup was read back.",
  fixClass: "plan",
  needs: ["db.down", "db.missing", "db.shut", "db.auth"],
  *judge(seen, scene) {
    for (const app of scene.apps) {
      const asked = seen.migrations?.find((one) => one.app === appKey(app));
      if (asked?.asked !== "pending") continue;
      const subject = subjectOf(scene, app);
      const [first, ...others] = asked.stdout;
      if (isUnderWay(seen, app)) {
        yield skip(subject, UNDER_WAY);
        continue;
      }
      if (asked.exit !== 0) yield skip(subject, `what is pending can't be told: ${asked.stderr.at(-1) ?? `exit ${asked.exit}`}`);
      else if (first === undefined) yield pass(subject);
      else {
        const count = asked.stdout.length;
        yield fail(subject, {
          title: `${count === 1 ? "a migration" : `${count} migrations`} of ${app.name} ${count === 1 ? "wasn't" : "weren't"} applied: ${first.trim()}${others.length > 0 ? " …" : ""}`,
          evidence: [`in ${asked.container}: ${app.migrate?.pending?.join(" ")}`, ...asked.stdout.slice(0, 4)],
          fix: { class: "plan", text: "back up, then migrate", operation: `tend migrate ${app.name}` },
        });
      }
    }
  },
});
