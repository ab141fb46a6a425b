import { networksOf, settingsOf } from "../../../proxy/traefik/routes.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { containersOf, lookedAt, proxyContainer, waysOf } from "../../way/routed.ts";

export const networkChoice = defineCheck({
  id: "proxy.network.choice",
  severity: "error",
  finds: "a container among whose networks Traefik picks one at random: 504 now and then",
  about:
    "Where a container is on several networks and no label or setting names one, Traefik takes any address; those on networks that it isn't on itself never answer.",
  remedy: "Set the label `traefik.docker.network` to the network that both are on, and deploy.",
  fixClass: "person",
  follows: ["proxy.network"],
  *judge(seen, scene) {
    const { containers } = seen;
    for (const way of waysOf(scene)) {
      const proxy = proxyContainer(way, containers);
      if (way.proxy.kind !== "traefik" || !proxy) continue;
      const { network: preferred } = settingsOf(lookedAt(seen, way)?.configuration ?? "");
      for (const container of containersOf(scene, way, containers)) {
        const choice = networksOf(container, preferred);
        const dead = choice.filter((name) => !(name in proxy.networks));
        if (choice.length < 2 || dead.length === 0 || dead.length === choice.length) yield pass(way.subject);
        else {
          const right = choice.find((name) => name in proxy.networks);
          yield fail(way.subject, {
            title: `Traefik picks one of ${choice.length} networks of ${container.name} at random; from ${dead.join(", ")} nothing answers it`,
            evidence: [
              `${container.name} is on ${choice.join(", ")}`,
              `${proxy.name} is on ${Object.keys(proxy.networks).join(", ")}`,
              preferred === undefined
                ? "no traefik.docker.network among its labels names one of them"
                : `neither a label nor Traefik's own setting, ${preferred}, names one of them`,
            ],
            fix: {
              class: "person",
              text: `add the label traefik.docker.network: ${right} to ${way.service.compose}, and deploy`,
            },
          });
        }
      }
    }
  },
});
