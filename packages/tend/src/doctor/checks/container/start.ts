import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import type { ContainerSeen } from "../../facts/containers.ts";
import type { Seen } from "../../facts/index.ts";
import type { Fix } from "../../finding.ts";
import { again, type Watched, watched } from "../../watched.ts";
import { ended, errorsOf, troubleOf } from "./ended.ts";

export const execFormat = defineCheck({
  id: "ctr.exec.format",
  severity: "error",
  finds: "a program that was built for another kind of processor",
  about:
    "An image that was built on a laptop with another processor, or a script without its first line, ends at once with `exec format error`. The image's architecture is held against the server's.",
  remedy: "Build it for the server: `docker build --platform linux/amd64`, or on the server itself.",
  fixClass: "person",
  *judge(seen, scene) {
    const { images, platform } = seen.images;
    yield* ended("architecture", seen, scene, (one) => {
      const image = images.find(({ id }) => id === one.container.image);
      const other = image !== undefined && image.platform !== platform;
      return {
        title: other
          ? `${one.called} can't run here: its image is ${image.platform}, the server is ${platform}`
          : `${one.called} can't run: what it starts is no program that the server can execute`,
        evidence: [`image ${one.container.ref}, ${image?.platform ?? "?"}; server ${platform}`, ...lastWords(seen, one)],
        cause: other ? undefined : "a script without `#!` as its very first characters, or a program for another processor",
        fix: {
          class: "person",
          text: other
            ? `build it for the server: docker build --platform ${platform}`
            : "give the script `#!/bin/sh` as its first line, and build it again",
        },
      };
    });
  },
});

export const command = defineCheck({
  id: "ctr.command",
  severity: "error",
  finds: "a container whose command can't be run",
  about:
    "Status 127 is a command that isn't there, 126 one that may not be executed. A script with Windows line ends counts as not there, although it can be seen: its first line names an interpreter that ends in a carriage return.",
  remedy: "Correct the command or the entrypoint; `chmod +x` it in the image; save it with LF line ends.",
  fixClass: "person",
  // What the loader doesn't find a library for ends with 127, too.
  follows: ["app.library.mismatch", "vol.bind.masks", "vol.bind.missing"],
  *judge(seen, scene) {
    yield* ended("command", seen, scene, (one) => {
      const { container, called } = one;
      const program = troubleOf(seen, one)?.program;
      const crlf = program?.crlf === true || /(?:\\r|\^M|\r)['"]?:? (?:no such file|bad interpreter)/i.test(container.error);
      const denied = container.exitCode === 126 || /permission denied/i.test(lastWords(seen, one).join("\n"));
      const path = program?.path ?? "its command";
      return {
        title: crlf
          ? `${called} can't start: ${path} has Windows line ends`
          : denied
            ? `${called} can't start: ${path} may not be executed`
            : `${called} can't start: a command of its isn't in the image`,
        evidence: [
          `exit ${container.exitCode}`,
          ...(program?.mode ? [`${program.path} ${program.mode}`] : []),
          ...lastWords(seen, one),
        ],
        cause: crlf ? "its first line ends in a carriage return, so the interpreter that it names isn't found" : undefined,
        fix: {
          class: "person",
          text: crlf
            ? `save ${path} with LF line ends (in git: *.sh text eol=lf), and build again`
            : denied
              ? `make it executable in the image: chmod +x ${path}`
              : "correct the command or the entrypoint, or add the program to the image",
        },
      };
    });
  },
});

export const portBusy = defineCheck({
  id: "ctr.port.busy",
  follows: ["host.port.busy"],
  severity: "error",
  finds: "a container that can't start because its port is taken",
  about: "Only one program can have a port of the host. The container that has it is named, where it is one.",
  remedy: "Publish another port, or stop the one that has it, if nobody needs that.",
  fixClass: "person",
  *judge(seen, scene) {
    const needed = [...watched(scene, seen.containers)].flatMap(({ declared, container }) => (declared ? [container] : []));
    yield* ended("port", seen, scene, (one) => {
      const port = Number(/:(\d+)(?: failed|: bind|.*already in use|$)/.exec(one.container.error)?.[1]);
      const owner = seen.containers.find(
        (other) => other.id !== one.container.id && other.published.some((published) => published.port === port),
      );
      return {
        title: `${one.called} can't start: port ${port || "of its"} is taken${owner ? ` by ${owner.name}` : ""}`,
        evidence: [
          one.container.error,
          ...(owner ? [`${owner.name} publishes ${port} (${owner.ref})`] : ["no container has it: a program of the host does"]),
        ],
        fix: owner && needed.includes(owner) ? moved(one, owner) : freed(one, owner, port),
      };
    });
  },
});

/** The other one is somebody's proxy, database or service: stopping it would be the greater fault. */
function moved({ owned }: Watched, owner: ContainerSeen): Fix {
  const text = `publish another port, since ${owner.name} is meant to have this one; then`;
  if (!owned) return { class: "person", text: `${text}: docker compose up -d` };
  return {
    class: "person",
    text: `${text} make it anew`,
    operation: `tend recreate ${owned.app.name} --only ${owned.service.name}`,
  };
}

function freed(one: Watched, owner: ContainerSeen | undefined, port: number): Fix {
  const { text, operation } = again(one, "start");
  // To stop it is for somebody who knows what it is.
  if (owner)
    return { class: "person", text: `publish another port, or stop ${owner.name} if nobody needs it; ${text}`, operation };
  const commands = port ? [sh`ss -ltnp ${`sport = :${port}`}`] : undefined;
  return { class: "person", text: `see who has it; ${text}`, operation, commands };
}

export const startFailed = defineCheck({
  id: "ctr.start.failed",
  severity: "error",
  finds: "a container that the engine could not start",
  about:
    "The engine keeps its own words on why: a network that is gone, a folder where a file was to be mounted, a device that isn't there.",
  remedy: "Mend what it names, then start it again.",
  fixClass: "plan",
  follows: [
    "compose.network.missing",
    "vol.bind.missing",
    "host.port.busy",
    "host.disk.space",
    "db.major.mismatch",
    "ctr.port.busy",
  ],
  *judge(seen, scene) {
    yield* ended("start", seen, scene, (one) => {
      const { error } = one.container;
      const network = /network (\S+) not found/.exec(error)?.[1];
      const folder = /not a directory|mount a directory onto a file/i.test(error);
      return {
        title: network
          ? `${one.called} can't start: the network ${network} that it was made with is gone`
          : `${one.called} could not be started by the engine`,
        evidence: [error],
        cause: folder
          ? "a folder is mounted where the image has a file: the file on the host was missing, and the engine made a folder"
          : undefined,
        fix: one.owned
          ? {
              class: "plan",
              text: "mend what it names, then make it anew",
              operation: `tend recreate ${one.owned.app.name} --only ${one.owned.service.name}`,
            }
          : { class: "person", text: "mend what it names, then: docker compose up -d --force-recreate" },
      };
    });
  },
});

/** Why it ended is the engine's to say; what the program printed comes after. */
function lastWords(seen: Seen, one: Watched): readonly string[] {
  return [...(one.container.error === "" ? [] : [one.container.error]), ...errorsOf(seen, one)];
}
