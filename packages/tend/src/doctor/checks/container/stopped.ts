import { bytes } from "../../../render/bytes.ts";
import { duration } from "../../../render/time.ts";
import { sh } from "../../../transport/argv.ts";
import { CANT_START, CODE_FAILS, DATA_FAILS } from "../../causes.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { again, since, type Watched, watched } from "../../watched.ts";
import { ended, errorsOf, isDown } from "./ended.ts";

/** A restart in ten minutes, on average, is no accident. */
const OFTEN = 600;
const FEW = 3;

export const oom = defineCheck({
  id: "ctr.oom",
  follows: ["host.memory.oom"],
  severity: "error",
  finds: "a container that was killed because it ran out of memory",
  about:
    "The kernel ends a container that needs more than its limit, or the host's last memory: status 137, and the engine notes it.",
  remedy: "Raise `mem_limit`, or find what needs so much; a limit that is hit is better than a host that is.",
  fixClass: "person",
  *judge(seen, scene) {
    yield* ended("memory", seen, scene, (one) => {
      const { memoryLimit, exitCode, restarts } = one.container;
      const limit = memoryLimit > 0 ? `its limit of ${bytes(memoryLimit)}` : "the host's";
      return {
        title: `${one.called} was killed: it needed more memory than ${limit}`,
        evidence: [`exit ${exitCode}, out of memory, ${restarts} restarts`, ...errorsOf(seen, one).slice(0, 3)],
        fix: {
          class: "person",
          text:
            memoryLimit > 0
              ? "raise mem_limit in its compose file, or find what needs so much; then make it anew"
              : "give the host more memory, and the container a mem_limit; then make it anew",
          operation: one.owned && `tend recreate ${one.owned.app.name} --only ${one.owned.service.name}`,
        },
      };
    });
  },
});

export const killed = defineCheck({
  id: "ctr.killed",
  follows: ["host.memory.oom", "db.major.mismatch", "proxy.down", "db.down"],
  severity: "error",
  finds: "a container that was killed, and stays down",
  about:
    "Status 137 without a note of memory: `docker kill`, a stop that it didn't heed in time, or the host's own out-of-memory killer. The engine doesn't start it again.",
  remedy: "Start it again; if nobody ended it, look at the kernel's log: `journalctl -k --grep oom`.",
  fixClass: "plan",
  *judge(seen, scene) {
    yield* ended("killed", seen, scene, (one) => ({
      title: `${one.called} was killed${agoText(one, scene.now)} and stays down`,
      evidence: [
        `exit ${one.container.exitCode}, not out of its own memory; restart policy ${one.container.restartPolicy || "none"}`,
        ...errorsOf(seen, one).slice(0, 3),
      ],
      cause: "somebody's docker kill, a stop that it didn't heed within its time, or the host ran out of memory",
      fix: one.owned
        ? { class: "plan", text: "start it again", operation: again(one, "start").operation }
        : { class: "person", text: "start it again", commands: [sh`docker start ${one.container.name}`] },
    }));
  },
});

export const restartLoop = defineCheck({
  id: "ctr.restart.loop",
  severity: "error",
  finds: "a container that ends and is started again, over and over",
  about:
    "The engine starts it again each time, so it looks as if it ran. The first error of its log since the last start is the evidence; the last line seldom is.",
  remedy: "Mend what the log says; if the newest release brought it, roll back.",
  fixClass: "plan",
  follows: [
    "vol.bind.masks",
    ...CANT_START,
    "host.disk.space",
    "proxy.down",
    "proxy.network",
    "vol.bind.missing",
    "vol.owner",
    "vol.pg.path",
    "compose.var.unset",
    ...DATA_FAILS,
    ...CODE_FAILS,
  ],
  *judge(seen, scene) {
    for (const one of watched(scene, seen.containers)) {
      const { container, subject, called } = one;
      const { restarts, exitCode } = container;
      if (!loops(one, scene.now)) {
        yield pass(subject);
        continue;
      }
      const code = exitCode === 0 && container.state === "running" ? "" : `, last with status ${exitCode}`;
      yield fail(subject, {
        severity: one.severity,
        reaches: one.reaches,
        title: `${called} keeps ending: it was started again ${restarts} times${code}`,
        evidence: [`restart policy ${container.restartPolicy}, image ${container.ref}`, ...errorsOf(seen, one).slice(0, 4)],
        fix: one.owned
          ? {
              class: "plan",
              text: `mend what its log says; if the newest release brought it: tend rollback ${one.owned.app.name}`,
              operation: `tend logs ${one.owned.app.name}`,
            }
          : { class: "person", text: "mend what its log says", commands: [sh`docker logs --tail 100 ${container.name}`] },
      });
    }
  },
});

function loops(one: Watched, now: Date): boolean {
  const { restarts, created, startedAt, state } = one.container;
  if (restarts < FEW) return false;
  if (isDown(one)) return state === "restarting";
  const up = since(startedAt, now) ?? 0;
  const age = since(created, now) ?? 0;
  return up < OFTEN && age / restarts < OFTEN;
}

function agoText({ container }: Watched, now: Date): string {
  const passed = since(container.finishedAt, now);
  return passed === undefined ? "" : ` ${duration(passed)} ago`;
}
