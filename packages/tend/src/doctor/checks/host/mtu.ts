import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOf } from "../../scene.ts";

export const mtu = defineCheck({
  id: "host.mtu",
  severity: "warning",
  finds: "a Docker network whose packets are too large for the host's way out",
  about:
    "On some clouds and VPNs the way out takes less than 1500 bytes, and Docker's networks don't know: small requests work, large answers and TLS handshakes from inside containers hang. The two sizes are compared.",
  remedy:
    'Set `driver_opts: { com.docker.network.driver.mtu: SIZE }` on the network in the compose file and make the network anew; `"mtu": SIZE` in daemon.json is only for the default bridge.',
  fixClass: "person",
  *judge({ mtu: seen }, scene) {
    const large = seen.networks.filter((network) => network.mtu > seen.mtu);
    if (large.length === 0) yield pass(subjectOf(scene));
    for (const { name, mtu: size } of large) {
      yield fail(subjectOf(scene, `network:${name}`), {
        title: `the network ${name} sends packets of ${size} bytes, and ${seen.uplink} takes ${seen.mtu}`,
        evidence: [`${seen.uplink}: mtu ${seen.mtu}`, `${name}: mtu ${size}`],
        cause: "the way out is a tunnel or a virtual network, whose packets are smaller",
        fix: {
          class: "person",
          text: `make the network anew with driver_opts: { com.docker.network.driver.mtu: "${seen.mtu}" }`,
          commands: [sh`docker network create --opt ${`com.docker.network.driver.mtu=${seen.mtu}`} ${name}`],
        },
      });
    }
  },
});
