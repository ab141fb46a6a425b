import { isDefaultFile } from "../../../compose-files/chosen.ts";
import { isOverlay } from "../../../runtime/compose/place.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { ownerOf } from "../../owner.ts";
import { type Scene, subjectOf } from "../../scene.ts";
import { watched } from "../../watched.ts";
import { resolvedApps } from "./resolved.ts";

export const orphan = defineCheck({
  id: "compose.orphan",
  severity: "warning",
  finds: "a container whose service is no longer in the compose file",
  about:
    "It belongs to the app's project, but no profile of the files has its service: it runs on with what it was made with, and takes requests. Where two compose files share a project's name, each takes the other's services for that.",
  remedy:
    "Remove it when nobody needs it. Where two files share a name, give one of them its own: `name:` in the file, `project:` in tend.yaml.",
  fixClass: "person",
  needs: ["compose.invalid"],
  *judge({ containers, compose }, scene) {
    for (const { app, seen } of resolvedApps(scene, compose)) {
      if (seen.exit !== 0 || seen.all.length === 0) continue;
      const files = app.compose.map((file) => `${seen.folder}/${file}`);
      for (const container of containers) {
        const { project, service, name, oneOff, configFiles = "" } = container;
        if (project !== seen.project || service === undefined || oneOff) continue;
        const subject = subjectOf(scene, app, service);
        if (seen.all.includes(service)) {
          yield pass(subject);
          continue;
        }
        const theirs = configFiles
          .split(",")
          .filter((file) => !isOverlay(file) && (app.compose.length > 0 ? !files.includes(file) : !isDefaultFile(file)));
        const shared = theirs.length > 0;
        yield fail(subject, {
          severity: shared ? "info" : "warning",
          title: shared
            ? `${name} comes of another compose file with the same project name as ${app.name}, ${project}`
            : `${name} runs on, though ${service} is no longer in the compose file of ${app.name}`,
          evidence: [`service ${service} of project ${project}, ${container.state}`, `made from ${configFiles || "?"}`],
          cause: shared ? "up --remove-orphans of either file would remove the other's containers" : undefined,
          fix: {
            class: "person",
            text: shared
              ? "give one of the files a name of its own: name: in the file, project: in tend.yaml"
              : `if nobody needs it: docker stop ${name} && docker rm ${name}; its volumes stay`,
          },
        });
      }
    }
  },
});

export const undeclared = defineCheck({
  id: "compose.project.undeclared",
  severity: "info",
  finds: "a compose project that tend.yaml doesn't know",
  about: "It isn't deployed, backed up or watched by tend. Projects of the declared proxies and databases count as known.",
  remedy: "Declare it as an app, or ignore it with a reason under `doctor`.",
  fixClass: "person",
  *judge({ containers }, scene) {
    const whole: Scene = {
      ...scene,
      apps: [...scene.fleet.apps.values()].filter((app) => app.host === scene.host.name),
    };
    const known = new Set(
      [...watched(whole, containers)].flatMap(({ declared, container }) =>
        declared && container.project ? [container.project] : [],
      ),
    );
    const projects = Map.groupBy(
      containers.filter((one) => !one.oneOff && one.project !== undefined && !ownerOf(whole, one)),
      (one) => one.project as string,
    );
    for (const [project, members] of projects) {
      const subject = subjectOf(scene, project);
      if (known.has(project)) yield pass(subject);
      else {
        yield fail(subject, {
          title: `the compose project ${project} isn't declared: ${members.length} ${members.length === 1 ? "container" : "containers"}`,
          evidence: [members.map((one) => one.name).join(", "), `in ${members[0]?.workingDir ?? "?"}`],
          fix: { class: "person", text: "declare it as an app in tend.yaml, or ignore it with a reason under doctor" },
        });
      }
    }
  },
});
