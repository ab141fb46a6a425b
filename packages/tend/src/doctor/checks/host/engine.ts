import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import type { EngineSeen } from "../../facts/engine.ts";
import { fail, pass, skip } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";

/** What tend works with; older engines lack what its scripts ask for. */
const OLDEST = { engine: [20, 10], compose: [2, 0] } as const;

function wantsDocker(scene: Scene): boolean {
  return scene.apps.some((app) => app.runtime === "compose");
}

function isDenied({ trouble = "" }: EngineSeen): boolean {
  return /permission denied/i.test(trouble);
}

export const engineDown = defineCheck({
  id: "host.engine.down",
  follows: ["host.disk.space"],
  severity: "error",
  finds: "a Docker engine that doesn't answer, or isn't there",
  about:
    "Without the engine nothing of the apps can be told or done; containers with a restart policy come back with it. The engine is asked for its version, systemd for the state and the log of its unit.",
  remedy:
    "`sudo systemctl start docker`, then `journalctl -u docker` where it doesn't stay up: a full disk and a broken daemon.json are the usual reasons.",
  fixClass: "person",
  *judge({ engine }, scene) {
    const subject = subjectOf(scene);
    if (!wantsDocker(scene)) yield skip(subject, "no app of it runs by Docker");
    else if (engine.program === undefined) {
      yield fail(subject, {
        title: `${scene.host.name} has no docker command`,
        evidence: ["no docker on the PATH, nor in /usr/local/bin, /usr/bin or /snap/bin"],
        fix: {
          class: "person",
          text: `install Docker Engine with Compose, or say where it is: hosts: { ${scene.host.name}: { docker: /path/to/docker } }`,
          commands: [sh`sudo apt-get install docker.io docker-compose`],
        },
      });
    } else if (engine.server === undefined && !isDenied(engine)) {
      yield fail(subject, {
        title: `the Docker engine of ${scene.host.name} doesn't answer`,
        evidence: [engine.trouble ?? "it said nothing", ...(engine.unit ? [engine.unit] : []), ...engine.log],
        fix: {
          class: "person",
          text: "start it; where it doesn't stay up, its log says why",
          commands: [sh`sudo systemctl start docker`, sh`journalctl -u docker -n 30 --no-pager`],
        },
      });
    } else yield pass(subject);
  },
});

export const dockerAccess = defineCheck({
  id: "host.docker.access",
  severity: "error",
  finds: "an ssh user who may not use Docker",
  about: "tend does with Docker what the ssh user may do. The engine's socket belongs to root and to the group docker.",
  remedy: "`sudo usermod -aG docker USER`, then log in anew. Who is in that group is as good as root.",
  fixClass: "person",
  *judge({ engine }, scene) {
    const subject = subjectOf(scene);
    if (!isDenied(engine)) yield pass(subject);
    else {
      yield fail(subject, {
        title: `${engine.user} may not use Docker on ${scene.host.name}`,
        evidence: [
          engine.trouble ?? "",
          `${engine.user} is in ${engine.groups.join(", ")}`,
          ...(engine.socket ? [`/var/run/docker.sock: ${engine.socket}`] : []),
        ],
        cause: engine.groups.includes("docker")
          ? "its socket doesn't belong to the group docker"
          : `${engine.user} isn't in the group docker`,
        fix: {
          class: "person",
          text: "take the user into the group, and end the ssh connections that are open: groups are read at login",
          commands: engine.groups.includes("docker")
            ? [sh`sudo systemctl restart docker.socket`]
            : [sh`sudo usermod -aG docker ${engine.user}`],
        },
      });
    }
  },
});

export const engineVersion = defineCheck({
  id: "host.engine.version",
  severity: "error",
  finds: "a Docker engine or a Compose that is missing or older than tend works with",
  about: `tend works with Docker Engine ${OLDEST.engine.join(".")} or newer, and with Compose v2 as a plugin: \`docker compose\`, not \`docker-compose\`.`,
  remedy:
    "Install the plugin (`docker-compose-plugin` of Docker's own packages, `docker-compose` 2 of Debian's), or upgrade the engine.",
  fixClass: "person",
  needs: ["host.engine.down"],
  *judge({ engine }, scene) {
    const subject = subjectOf(scene);
    const { server, compose } = engine;
    if (server === undefined || !wantsDocker(scene)) return;
    if (compose === undefined || older(compose, OLDEST.compose)) {
      yield fail(subject, {
        title:
          compose === undefined
            ? `Docker on ${scene.host.name} has no Compose`
            : `Compose ${compose} on ${scene.host.name} is too old`,
        evidence: [`engine ${server}`, compose === undefined ? "docker compose version: not a command" : `compose ${compose}`],
        fix: {
          class: "person",
          text: "install Compose v2",
          commands: [sh`sudo apt-get install docker-compose-plugin || sudo apt-get install docker-compose`],
        },
      });
    } else if (older(server, OLDEST.engine)) {
      yield fail(subject, {
        severity: "warning",
        title: `Docker Engine ${server} on ${scene.host.name} is older than ${OLDEST.engine.join(".")}`,
        evidence: [`engine ${server}`, `compose ${compose}`],
        fix: { class: "person", text: "upgrade the engine; containers restart with it" },
      });
    } else yield pass(subject);
  },
});

function older(version: string, [major, minor]: readonly [number, number]): boolean {
  const [, one, other] = /(\d+)\.(\d+)/.exec(version) ?? [];
  if (one === undefined) return false;
  return Number(one) < major || (Number(one) === major && Number(other) < minor);
}

export const dockerSnap = defineCheck({
  id: "host.docker.snap",
  severity: "warning",
  finds: "Docker from a snap, which sees home folders only",
  about:
    "The snap's engine can't read files outside home folders: a bind mount from /srv or /opt is empty inside. systemd units and cron need its full path, /snap/bin/docker. Where every app stands in a home folder it is only worth knowing.",
  remedy: "Keep apps under the home folder, or change to Docker's or Debian's own packages. tend finds it by itself.",
  fixClass: "person",
  *judge({ engine }, scene) {
    const subject = subjectOf(scene);
    if (!engine.program?.startsWith("/snap/")) {
      yield pass(subject);
      return;
    }
    const outside = scene.apps.filter((app) => app.runtime === "compose" && !/^(~|\/home|\/root)(\/|$)/.test(app.path));
    const [first] = outside;
    yield fail(subject, {
      severity: first ? "warning" : "info",
      title: first
        ? `Docker is a snap, and ${first.name} stands where it can't see: ${first.path}`
        : "Docker is a snap: units and timers need /snap/bin/docker",
      evidence: [`docker is ${engine.program}`, ...outside.map((app) => `${app.name}: ${app.path}`)],
      fix: {
        class: "person",
        text: first
          ? "move the app below a home folder, or change to Docker's own packages"
          : "write /snap/bin/docker in units and crontabs",
      },
    });
  },
});
