import { unsetVariables } from "../../../runtime/compose/config.ts";
import { composeArgv } from "../../../runtime/compose/place.ts";
import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";
import { resolvedApps } from "./resolved.ts";

export const invalid = defineCheck({
  id: "compose.invalid",
  severity: "error",
  finds: "compose files that Compose can't read",
  about:
    "`docker compose config` is run in the app's folder, as a deploy would. What runs goes on running; nothing can be started, changed or released.",
  remedy: "Compose names the file and the line; a variable that has to be set belongs into the env file.",
  fixClass: "person",
  *judge({ compose }, scene) {
    for (const { app, seen } of resolvedApps(scene, compose)) {
      const subject = subjectOf(scene, app);
      if (seen.exit === 0) yield pass(subject);
      else if (seen.folder === undefined) {
        yield fail(subject, {
          title: `the folder of ${app.name} isn't on ${scene.host.name}`,
          evidence: [`path: ${app.path}`],
          fix: { class: "person", text: "clone or copy it there, or correct path in tend.yaml" },
        });
      } else {
        const required = /required variable "?(\w+)"? is missing a value/.exec(seen.said)?.[1];
        yield fail(subject, {
          title: required
            ? `${app.name} can't be started or released: ${required} isn't set`
            : `the compose files of ${app.name} are not valid`,
          evidence: seen.said.split("\n").filter((line) => !/level=warning/.test(line)),
          fix: {
            class: "person",
            text: required
              ? `set ${required} in its env file in ${seen.folder}`
              : "correct the line that Compose names, and ask again:",
            commands: [sh`cd ${seen.folder} && ${composeArgv(app)} config --quiet`],
          },
        });
      }
    }
  },
});

export const unset = defineCheck({
  id: "compose.var.unset",
  // A password hash whose dollars Compose has eaten names variables that nobody meant.
  follows: ["route.basic-auth"],
  severity: "error",
  finds: "a variable of the compose file that is set nowhere",
  about:
    "Compose puts nothing in its place, and says so once: a password is then empty, a tag is missing. The next release would run with it.",
  remedy: "Set it in the env file; where blank is meant, give the name an empty default (`:-` after it).",
  fixClass: "person",
  needs: ["compose.invalid"],
  *judge({ compose }, scene) {
    for (const { app, seen } of resolvedApps(scene, compose)) {
      const subject = subjectOf(scene, app);
      const names = unsetVariables(seen.said);
      if (seen.exit !== 0) continue;
      if (names.length === 0) yield pass(subject);
      else {
        yield fail(subject, {
          title: `${names.join(", ")} of ${app.name}'s compose file ${names.length === 1 ? "is" : "are"} set nowhere, so blank`,
          evidence: seen.said.split("\n").filter((line) => line.includes("is not set")),
          fix: {
            class: "person",
            text: `set ${names.join(", ")} in its env file in ${seen.folder ?? app.path}; where blank is meant, write \${${names[0]}:-}`,
          },
        });
      }
    }
  },
});

export const networkMissing = defineCheck({
  id: "compose.network.missing",
  severity: "error",
  finds: "an external network that doesn't exist",
  about:
    "Compose makes its own networks, but not those that are declared as external: they are shared with a proxy or a database, and somebody has to make them.",
  remedy: "`docker network create NAME`; then bring the app up again.",
  fixClass: "safe",
  *judge({ compose, networks }, scene) {
    for (const { app, seen } of resolvedApps(scene, compose)) {
      const subject = subjectOf(scene, app);
      if (seen.exit !== 0) continue;
      const lacking = seen.externalNetworks.filter((name) => !networks.includes(name));
      if (lacking.length === 0) yield pass(subject);
      else {
        yield fail(subject, {
          title: `the network ${lacking.join(", ")} that ${app.name} is to join doesn't exist`,
          evidence: [`${app.name} declares it as external`, `there are: ${networks.join(", ")}`],
          fix: {
            class: "safe",
            text: `make the network ${lacking.join(", ")}, then: tend recreate ${app.name}`,
            commands: lacking.map((name) => sh`docker network inspect ${name} >/dev/null 2>&1 || docker network create ${name}`),
            undo: lacking.map((name) => sh`docker network rm ${name}`),
          },
        });
      }
    }
  },
});
