import type { App } from "../../../model/fleet.ts";
import { duration } from "../../../render/time.ts";
import { called } from "../../../runtime/compose/place.ts";
import { CODE_FAILS, CONTAINER_FAILS, DATA_FAILS } from "../../causes.ts";
import { defineCheck } from "../../check.ts";
import type { ComposeSeen } from "../../facts/compose.ts";
import type { ContainerSeen } from "../../facts/containers.ts";
import { type Failing, fail, pass, skip } from "../../finding.ts";
import { apps } from "../../owner.ts";
import { subjectOf } from "../../scene.ts";
import { isUnderWay, UNDER_WAY } from "../../under-way.ts";
import { since, watched } from "../../watched.ts";
import { errorsOf } from "../container/ended.ts";
import { resolvedApps } from "./resolved.ts";

export const serviceMissing = defineCheck({
  id: "compose.service.missing",
  severity: "error",
  finds: "a declared service that doesn't run",
  about:
    "Every service of the app that isn't a one-off is to have a container that runs. What follows from a known cause (killed, out of memory, a command that isn't there) is told with that.",
  remedy: "`tend start` starts what is there; `tend deploy` makes what is missing.",
  fixClass: "plan",
  settle: 30,
  needs: ["compose.invalid"],
  follows: [
    "ctr.restart.loop",
    "compose.network.missing",
    ...CONTAINER_FAILS,
    "registry.missing",
    "registry.auth",
    "tend.run.incomplete",
    ...DATA_FAILS,
    ...CODE_FAILS,
    "host.engine.down",
  ],
  *judge(seen, scene) {
    const all = [...watched(scene, seen.containers)];
    for (const { app, seen: resolved } of resolvedApps(scene, seen.compose)) {
      if (resolved.exit !== 0) continue;
      if (isUnderWay(seen, app)) {
        yield skip(subjectOf(scene, app), UNDER_WAY);
        continue;
      }
      const wanted = wantedServices(app, resolved);
      const own = (service: string) =>
        seen.containers.filter((one) => one.project === resolved.project && one.service === service && !one.oneOff);
      if (wanted.length > 0 && wanted.every((service) => own(service).length === 0)) {
        yield fail(subjectOf(scene, app), {
          title: `${app.name} isn't running: none of its services has a container`,
          evidence: [
            `services: ${wanted.map((service) => called(app, service)).join(", ")}`,
            `project ${resolved.project} in ${resolved.folder}`,
          ],
          fix: { class: "plan", text: "release it", operation: `tend deploy ${app.name}` },
        });
        continue;
      }
      for (const service of wanted) {
        const name = called(app, service);
        const subject = subjectOf(scene, app, name);
        const containers = own(service);
        // A job that has done its work has no reason to run on.
        const fine = containers.find(
          ({ state, exitCode, restartPolicy }) =>
            ["running", "restarting"].includes(state) ||
            (state === "exited" && exitCode === 0 && ["no", "", "on-failure"].includes(restartPolicy)),
        );
        const [container] = containers;
        if (fine) yield pass(subject);
        else if (!container) {
          yield fail(subject, {
            title: `${name} of ${app.name} has no container`,
            evidence: [`the compose files of ${app.name} declare ${service}`],
            fix: { class: "plan", text: "release it", operation: `tend deploy ${app.name} --only ${name}` },
          });
        } else {
          const one = all.find((other) => other.container.id === container.id);
          yield fail(subject, {
            ...stopped(app, name, container, scene.now, one ? errorsOf(seen, one) : []),
            lasting: since(container.state === "created" ? container.created : container.finishedAt, scene.now),
          });
        }
      }
    }
  },
});

function stopped(
  app: App,
  name: string,
  container: ContainerSeen,
  now: Date,
  errors: readonly string[],
): Omit<Failing, "subject" | "outcome"> {
  const passed = since(container.finishedAt, now);
  const how =
    container.state === "exited"
      ? `it ended with status ${container.exitCode}${passed === undefined ? "" : ` ${duration(passed)} ago`}`
      : `it is ${container.state}`;
  return {
    title: `${name} of ${app.name} isn't running: ${how}`,
    evidence: [`restart policy ${container.restartPolicy || "none"}, image ${container.ref}`, ...errors.slice(0, 4)],
    fix:
      container.state === "paused"
        ? {
            class: "plan",
            text: "somebody paused it: docker unpause, or restart it",
            operation: `tend restart ${app.name} --only ${name}`,
          }
        : { class: "plan", text: "start it again", operation: `tend start ${app.name} --only ${name}` },
  };
}

function wantedServices(app: App, { services }: ComposeSeen): readonly string[] {
  const names = Object.keys(services).filter((name) => services[name]?.replicas !== 0);
  if (app.services.length === 0) return names;
  return names.filter((name) => app.services.some((service) => service.compose === name && service.role !== "one-off"));
}

export const drift = defineCheck({
  id: "compose.drift",
  severity: "warning",
  finds: "a container that isn't as the compose file says now",
  about:
    "Compose notes in each container the hash of the configuration that it was made with. The files or the env file have changed since, or somebody changed the container by hand. With another version of Compose hashes can't be compared.",
  remedy: "`tend recreate` makes it anew from the files; `tend deploy` does so with the newest version.",
  fixClass: "plan",
  needs: ["compose.invalid"],
  follows: ["compose.var.unset"],
  *judge({ containers, compose, engine }, scene) {
    for (const { app, service, container, subject } of apps(scene, containers)) {
      const resolved = compose[app.name];
      const now = resolved?.hashes[service.compose];
      const then = container.labels["com.docker.compose.config-hash"];
      if (!resolved || now === undefined || then === undefined) continue;
      const by = container.labels["com.docker.compose.version"] ?? "";
      if (now === then) yield pass(subject);
      else if (plain(by) !== plain(engine.compose ?? "")) {
        yield skip(subject, `it was made by Compose ${by}, which hashes otherwise than ${engine.compose}`);
      } else {
        yield fail(subject, {
          title: `${service.name} of ${app.name} isn't as its compose file says now`,
          evidence: [
            `made ${duration(since(container.created, scene.now) ?? 0)} ago with ${then.slice(0, 12)}, the files say ${now.slice(0, 12)}`,
          ],
          fix: {
            class: "plan",
            text: "make it anew from the files",
            operation: `tend recreate ${app.name} --only ${service.name}`,
          },
        });
      }
    }
  },
});

/** Distributions append a number of their own. */
function plain(version: string): string {
  return /^v?(\d+\.\d+\.\d+)/.exec(version)?.[1] ?? version;
}
