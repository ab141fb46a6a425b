import { bytes } from "../../../render/bytes.ts";
import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import type { ContainerSeen } from "../../facts/containers.ts";
import { known } from "../../facts/part.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOfContainer } from "../../owner.ts";
import { subjectOf } from "../../scene.ts";

const ERROR = 4;
const WARNING = 8;

export const memoryLow = defineCheck({
  id: "host.memory.low",
  severity: "error",
  finds: "a host that has almost no memory left",
  about: `What the kernel could give to a program at once, caches included: a warning below ${WARNING} %, an error below ${ERROR} %. What comes next is that it kills the largest program, which tends to be the database.`,
  remedy: "Limit what takes the most (`mem_limit` in the compose file), stop what isn't needed, or add swap or memory.",
  fixClass: "person",
  *judge({ machine }, scene) {
    const subject = subjectOf(scene);
    const { memory, swap, largest } = machine;
    const left = (100 * memory.available) / memory.total;
    if (left >= WARNING) yield pass(subject);
    else {
      yield fail(subject, {
        severity: left < ERROR ? "error" : "warning",
        title: `${scene.host.name} has ${bytes(memory.available)} of ${bytes(memory.total)} memory left`,
        evidence: [
          swap.total > 0 ? `swap: ${bytes(swap.free)} of ${bytes(swap.total)} are free` : "it has no swap",
          ...largest.map((one) => `${one.program}: ${bytes(one.bytes)}`),
        ],
        fix: { class: "person", text: "limit or stop what takes the most of it: docker stats --no-stream shows the containers" },
      });
    }
  },
});

export const memoryOom = defineCheck({
  id: "host.memory.oom",
  severity: "warning",
  finds: "a host that ran out of memory and killed a program in the last week",
  about:
    "The kernel writes it down when the whole host is out of memory and it kills a program to go on. A container that only reached its own limit is told of by ctr.oom.",
  remedy: "Limit the services that grow (`mem_limit`), so that the right one is ended; or add swap or memory.",
  fixClass: "person",
  *judge(seen, scene) {
    const { outOfMemory, machine } = seen;
    const subject = subjectOf(scene, "memory");
    if (outOfMemory.length === 0) yield pass(subject);
    else {
      const ended = endedWith(outOfMemory, known(() => seen.containers) ?? []);
      const down = ended.filter(({ state }) => state === "exited");
      const killed = outOfMemory.map((line) => /Killed process \d+ \(([^)]*)\)/.exec(line)?.[1] ?? "?");
      yield fail(subject, {
        title: `${scene.host.name} ran out of memory in the last week and killed ${[...new Set(killed)].join(", ")}`,
        evidence: [
          ...outOfMemory.slice(-3),
          `memory: ${bytes(machine.memory.total)}, swap: ${machine.swap.total > 0 ? bytes(machine.swap.total) : "none"}`,
        ],
        fix: {
          class: "person",
          text: `${down.length > 0 ? "start what stays down; then " : ""}give the services that grow a mem_limit, and the host swap or memory`,
          commands: down.length > 0 ? down.map(({ name }) => sh`docker start ${name}`) : undefined,
        },
        reaches: ended.map((container) => subjectOfContainer(scene, container)),
      });
    }
  },
});

/** Seconds between the kernel's line and the engine's. */
const MOMENT = 30;

/** The containers whose last end was at one of those moments; what ended at another time has a reason of its own. */
function endedWith(lines: readonly string[], containers: readonly ContainerSeen[]): readonly ContainerSeen[] {
  const moments = lines.map((line) => Date.parse(line.split(" ", 1)[0] as string));
  return containers.filter(({ finishedAt }) => moments.some((at) => Math.abs(Date.parse(finishedAt) - at) < MOMENT * 1000));
}
