import { appKey } from "../../../observe/place.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { apps } from "../../owner.ts";
import { isUnderWay } from "../../under-way.ts";

export const drift = defineCheck({
  id: "tend.drift",
  follows: ["image.running.stale", "compose.drift"],
  severity: "warning",
  finds: "a service that isn't what was released: somebody went on by hand",
  about:
    "A container that runs another image, or another configuration, than the newest release has. Going on by hand is all right; only a rollback wouldn't bring this back until a release has recorded it.",
  remedy:
    "`tend deploy APP` records what runs, and brings what is declared; `tend recreate APP` records a changed compose or env file.",
  fixClass: "plan",
  *judge(seen, scene) {
    for (const { app, service, container, subject } of apps(scene, seen.containers)) {
      const live = seen.state.kept.find((one) => one.of === appKey(app))?.live;
      const released = live?.images[service.compose];
      if (!live || !released || container.state !== "running" || isUnderWay(seen, app)) continue;
      const configured = container.labels["com.docker.compose.config-hash"];
      const before = live.configs[service.compose];
      const image = container.image !== released.id;
      const configuration = before !== undefined && before !== "" && configured !== undefined && configured !== before;
      if (!image && !configuration) {
        yield pass(subject);
        continue;
      }
      yield fail(subject, {
        title: `${service.name} of ${app.name} runs ${image ? "another image" : "with another configuration"} than release ${live.release}`,
        evidence: [
          ...(image
            ? [`it runs ${short(container.image)} (${container.ref})`, `released: ${short(released.id)} (${released.ref})`]
            : []),
          ...(configuration ? [`configuration ${configured.slice(0, 12)}, released: ${before.slice(0, 12)}`] : []),
          `made ${container.created}, release ${live.release} at ${live.at}`,
        ],
        cause: "somebody went on by hand",
        fix: {
          class: "plan",
          text: "record what runs and bring what is declared",
          operation: image ? `tend deploy ${app.name}` : `tend recreate ${app.name}`,
        },
      });
    }
  },
});

function short(id: string): string {
  return id.replace(/^sha256:/, "").slice(0, 12);
}
