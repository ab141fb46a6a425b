import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { declaredIn, isHere, reachedBy, subjectOfServer } from "../../databases.ts";
import type { ContainerSeen } from "../../facts/containers.ts";
import { Unmeasured } from "../../facts/part.ts";
import { type Fix, fail, pass, skip } from "../../finding.ts";

export const down = defineCheck({
  id: "db.down",
  severity: "error",
  finds: "a database server that isn't running, or takes no connections",
  about:
    "The server of each declared PostgreSQL database is asked inside its container, as the role that tend acts as. Whatever needs it fails with it, and is folded under this.",
  remedy: "Start its container; where it ends again at once, the first FATAL line of its log says why.",
  fixClass: "safe",
  follows: ["db.major.mismatch", "host.engine.down", "host.memory.oom", "host.disk.space", "ctr.oom"],
  settle: 30,
  *judge(seen, scene) {
    for (const server of seen.postgres ?? []) {
      const subject = subjectOfServer(seen, scene, server);
      const { container: name } = server;
      const container = seen.containers.find((one) => one.name === name);
      const { said } = server.trouble ?? {};
      // Between two starts it may end while it is asked, and nothing is said.
      const ended = server.trouble?.kind === "unasked" && container !== undefined && container.state !== "running";
      const kind = ended ? "stopped" : server.trouble?.kind;
      if (kind === undefined || kind === "full" || kind === "refused") yield pass(subject);
      else if (kind === "starting") yield skip(subject, `${name} is starting up`);
      else if (kind === "unasked") throw new Unmeasured(`${name}: ${said}`);
      else {
        const users = [...new Set([...declaredIn(scene, server)].map(({ app }) => app))];
        if (kind === "absent" && !users.some((app) => isHere(seen, scene, app))) {
          yield skip(subject, `${users.map((app) => app.name).join(" and ")} was never started here`);
          continue;
        }
        yield fail(subject, {
          title: `${titleOf(name, kind)}: ${users.map((app) => app.name).join(" and ")} can't reach ${users.length > 1 ? "their" : "its"} data`,
          evidence: [...evidenceOf(container), ...(said ? [said.split("\n")[0] as string] : [])],
          fix: fixOf(name, container),
          reaches: reachedBy(scene, server),
          // One that has just been started needs a moment until it listens.
          lasting: kind === "silent" && container ? (scene.now.getTime() - Date.parse(container.startedAt)) / 1000 : undefined,
        });
      }
    }
  },
});

function titleOf(name: string, kind: string): string {
  if (kind === "absent") return `there is no container ${name}`;
  return kind === "stopped" ? `${name} isn't running` : `${name} runs, and takes no connections`;
}

function evidenceOf(container: ContainerSeen | undefined): readonly string[] {
  if (!container) return [];
  const { state, exitCode, finishedAt, error } = container;
  return [`${container.name}: ${state}${state === "running" ? "" : `, exit ${exitCode} at ${finishedAt.slice(0, 19)}Z`}`, error];
}

function fixOf(name: string, container: ContainerSeen | undefined): Fix {
  if (!container) return { class: "person", text: "start the compose project that it is of, or correct its name in tend.yaml" };
  if (container.state !== "exited" && container.state !== "created") {
    return { class: "person", text: `see why: docker logs --tail 50 ${name}` };
  }
  return { class: "safe", text: "start it", commands: [sh`docker start ${name}`], undo: [sh`docker stop ${name}`] };
}
