import { sh } from "../../../transport/argv.ts";
import { CODE_FAILS, DATA_FAILS } from "../../causes.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { again, watched } from "../../watched.ts";
import { errorsOf } from "./ended.ts";

export const unhealthy = defineCheck({
  id: "ctr.unhealthy",
  severity: "error",
  finds: "a container whose own health check fails",
  about: "The engine runs the health check of the compose file. Told once it has failed as often as the check itself allows.",
  remedy:
    "Read what the check printed and the first error of the log; then restart the service, or roll back to the release before.",
  fixClass: "plan",
  follows: [
    "vol.bind.masks",
    "ctr.health.tool",
    "ctr.health.localhost",
    "ctr.restart.loop",
    "vol.owner",
    ...DATA_FAILS,
    "proxy.network",
    "host.disk.space",
    ...CODE_FAILS,
  ],
  *judge(seen, scene) {
    for (const one of watched(scene, seen.containers)) {
      const { container, subject, called, owned } = one;
      if (container.state !== "running" || !container.health || container.health.status === "starting") continue;
      const { status, streak, last } = container.health;
      if (status !== "unhealthy") yield pass(subject);
      else {
        yield fail(subject, {
          severity: one.severity,
          reaches: one.reaches,
          title: `${called} is unhealthy: its health check failed ${streak} times in a row`,
          evidence: [
            `check: ${container.healthcheck?.test.slice(1).join(" ") ?? "?"}`,
            ...(last ? [`exit ${last.exit}: ${last.output.trim() || "(it printed nothing)"}`] : []),
            ...errorsOf(seen, one).slice(0, 2),
          ],
          fix: owned
            ? {
                class: "plan",
                text: "see the log; then restart it, or bring the former release back",
                operation: again(one, "restart").operation,
              }
            : {
                class: "person",
                text: "see its log; then restart it",
                commands: [sh`docker logs --tail 100 ${container.name}`, sh`docker restart ${container.name}`],
              },
        });
      }
    }
  },
});
