import { listenerOf, ownerText } from "../../../machine/ports.ts";
import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import { fail, pass } from "../../finding.ts";
import { subjectOfContainer } from "../../owner.ts";
import { subjectOf } from "../../scene.ts";

/**
 * `Bind for 0.0.0.0:80 failed: port is already allocated`, `listen tcp4 0.0.0.0:80: bind: address already in use`; from
 * Docker 28 `failed to bind host port 0.0.0.0:80/tcp: address already in use`, with the container's own address or without.
 */
const BUSY =
  /(?:Bind for|listen (?:tcp|udp)[46]?|failed to bind host port(?: for)?) (\S+?):(\d+)(?: failed: port is already allocated|: bind: address already in use|(?::\S+)?\/tcp: address already in use)/;

export const portBusy = defineCheck({
  id: "host.port.busy",
  severity: "error",
  finds: "a port that a container wants and a program of the host has",
  about:
    "The engine says which port it couldn't have when a container doesn't start. Who has it now is asked of `ss`: a program of the host's, such as an nginx from a package. Another container is told by ctr.port.busy.",
  remedy: "Stop what has the port, or give one of the two another; then start the container. `tend host ports` shows them all.",
  fixClass: "person",
  *judge({ containers, listening }, scene) {
    for (const container of containers) {
      if (container.state === "running") continue;
      const busy = BUSY.exec(container.error);
      if (!busy) continue;
      const [said, address = "", port] = busy;
      const subject = subjectOf(scene, `port:${port}`);
      const owner = listenerOf(Number(port), { containers, listening }, container.name);
      // Another container has it, which ctr.port.busy tells; or nobody any more.
      if (!owner || owner.container !== undefined) {
        yield pass(subject);
        continue;
      }
      const { process } = owner;
      yield fail(subject, {
        title: `${container.name} can't start: ${ownerText(owner)} has port ${port}`,
        evidence: [said, `${owner.address}:${port} is held by ${ownerText(owner)}`, `${container.name} wants ${address}:${port}`],
        fix: {
          class: "person",
          text: `stop ${process ?? "that program"}, and keep it from coming back, then start ${container.name}`,
          commands: [
            process ? sh`sudo systemctl disable --now ${process}` : sh`sudo ss -ltnp ${`sport = :${port}`}`,
            sh`docker start ${container.name}`,
          ],
        },
        reaches: [subjectOfContainer(scene, container)],
      });
    }
  },
});
