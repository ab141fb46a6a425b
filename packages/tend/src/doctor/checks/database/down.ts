import { sh } from "../../../transport/argv.ts";
import { CANT_START } from "../../causes.ts";
import { defineCheck } from "../../check.ts";
import { declaredIn, isHere, reachedBy, subjectOfServer } from "../../databases.ts";
import type { ContainerSeen } from "../../facts/containers.ts";
import { Unmeasured } from "../../facts/part.ts";
import { type Fix, fail, pass, skip } from "../../finding.ts";
import type { Scene } from "../../scene.ts";
import { errorsOf } from "../container/ended.ts";

export const down = defineCheck({
  id: "db.down",
  severity: "error",
  finds: "a database server that isn't running, or takes no connections",
  about:
    "The server of each declared PostgreSQL database is asked inside its container, as the role that tend acts as. Whatever needs it fails with it, and is folded under this. In the half minute after its start it is only information.",
  remedy: "Start its container; where it ends again at once, the first FATAL line of its log says why.",
  fixClass: "safe",
  follows: [
    "db.major.mismatch",
    "host.engine.down",
    "host.memory.oom",
    "host.disk.space",
    ...CANT_START,
    "vol.bind.missing",
    "vol.pg.path",
  ],
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
      else if (kind === "unasked") throw new Unmeasured(`${name}: ${said}`);
      else {
        const users = [...new Set([...declaredIn(scene, server)].map(({ app }) => app))];
        if (kind === "absent" && !users.some((app) => isHere(seen, scene, app))) {
          yield skip(subject, `${users.map((app) => app.name).join(" and ")} was never started here`);
          continue;
        }
        // One that has just been started needs a moment until it listens; what fails until then follows from that.
        const young = (kind === "silent" || kind === "starting") && container !== undefined && isYoung(container, scene);
        yield fail(subject, {
          severity: young ? "info" : "error",
          title: `${young ? `${name} is starting up` : titleOf(name, kind)}: ${users.map((app) => app.name).join(" and ")} can't reach ${users.length > 1 ? "their" : "its"} data`,
          evidence: [
            ...evidenceOf(container),
            ...(said ? [said.split("\n")[0] as string] : []),
            ...(container ? errorsOf(seen, { container }).slice(0, 2) : []),
          ],
          fix: young
            ? { class: "person", text: `wait a moment; if it doesn't end: docker logs --tail 50 ${name}` }
            : fixOf(name, container),
          reaches: reachedBy(scene, server),
        });
      }
    }
  },
});

/** Seconds that a start may take before it is a matter. */
const START = 30;

function isYoung({ state, startedAt }: ContainerSeen, { now }: Scene): boolean {
  return state === "running" && now.getTime() - Date.parse(startedAt) < START * 1000;
}

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
  return { class: "safe", text: `start ${name}`, commands: [sh`docker start ${name}`], undo: [sh`docker stop ${name}`] };
}
