import { bytes } from "../../../render/bytes.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { ownerOf, subjectOfContainer } from "../../owner.ts";

const MOST = 1e9;

export const diskLogs = defineCheck({
  id: "host.disk.logs",
  severity: "warning",
  finds: "a container whose log takes more than 1 GB",
  about:
    "Docker keeps what a container prints in a file that grows without end, unless max-size is set; `docker system df` doesn't count it. Setting it in daemon.json changes only containers that are made afterwards.",
  remedy:
    'Give the service `logging: { options: { max-size: 10m, max-file: "3" } }` and make its container anew: `tend recreate APP`.',
  fixClass: "person",
  *judge({ containers, containerLogs }, scene) {
    for (const container of containers) {
      const log = containerLogs.find((one) => one.container === container.name);
      if (!log) continue;
      const subject = subjectOfContainer(scene, container);
      if (log.bytes < MOST) {
        yield pass(subject);
        continue;
      }
      const owned = ownerOf(scene, container);
      const rotated = container.logOptions["max-size"];
      yield fail(subject, {
        title: `the log of ${container.name} takes ${bytes(log.bytes)}`,
        evidence: [`log driver ${container.logDriver}, max-size ${rotated ?? "not set"}`, "docker system df doesn't count it"],
        fix: {
          class: "person",
          text: `in the compose file, give the service logging: { options: { max-size: 10m, max-file: "3" } }; the new container begins a new log`,
          operation: owned ? `tend recreate ${owned.app.name}` : undefined,
        },
      });
    }
  },
});
