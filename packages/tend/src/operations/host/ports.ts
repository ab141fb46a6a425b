import { containers } from "../../doctor/facts/containers.ts";
import { listening } from "../../doctor/facts/listening.ts";
import { ask, lookAtHosts } from "../../machine/ask.ts";
import { isLocal, type PortOwner, portOwners } from "../../machine/ports.ts";
import { defineOperation } from "../../operation.ts";
import { someHosts } from "../../params.ts";
import { table } from "../../render/table.ts";

interface HostPorts {
  readonly host: string;
  readonly ports: readonly (PortOwner & { readonly local: boolean })[];
  readonly ufw?: "active" | "inactive";
  /** Ports that Docker publishes past ufw. */
  readonly past: readonly number[];
  readonly unmeasured?: string;
}

export const hostPorts = defineOperation({
  kind: "report",
  name: "host ports",
  summary: "Show who listens on which TCP port of a host, and which can be reached from outside",
  details: `A port that Docker publishes is open to everybody, whatever ufw says: Docker's rules come before ufw's. Without root,
programs of other users have no name.`,
  effect: "reads",
  params: { hosts: someHosts() },
  examples: [{ command: "tend host ports hemma", explains: "what has port 80, and what is open to the world" }],
  async report(session, input) {
    const hosts = await lookAtHosts(session, input.hosts, async (transport, scene): Promise<HostPorts> => {
      const seen = await ask(transport, scene, { containers, listening });
      const name = scene.host.name;
      if ("unmeasured" in seen.listening) return { host: name, ports: [], past: [], unmeasured: seen.listening.unmeasured };
      const all = "value" in seen.containers ? seen.containers.value : [];
      const ports = portOwners({ containers: all, listening: seen.listening.value }).map((one) => ({
        ...one,
        local: isLocal(one.address),
      }));
      const { ufw } = seen.listening.value;
      const published = ports.filter((one) => one.container !== undefined && one.pid === undefined && !one.local);
      return { host: name, ports, ufw, past: ufw === "active" ? [...new Set(published.map((one) => one.port))] : [] };
    });
    return { data: { hosts }, lines: hosts.flatMap((host, at) => [...(at > 0 ? [""] : []), ...linesOf(host)]) };
  },
});

function linesOf({ host, ports, past, unmeasured }: HostPorts): readonly string[] {
  if (unmeasured !== undefined) return [`${host}: not known: ${unmeasured}`];
  const rows = Map.groupBy(ports, (one) => `${one.port} ${one.container ?? one.process ?? ""} ${one.local}`);
  return [
    host,
    ...table(
      ["  port", "who", "reached from"],
      [...rows.values()].map((same) => {
        const one = same[0] as HostPorts["ports"][number];
        const addresses = [...new Set(same.map(({ address }) => address))].join(", ");
        return [
          `  ${one.port}`,
          one.container ?? one.process ?? "(only root can name it)",
          `${one.local ? "this host alone" : "outside"} (${addresses})`,
        ];
      }),
    ),
    ...(past.length > 0
      ? [
          "",
          `  ufw is active and doesn't hold ${past.join(", ")}: Docker publishes them past it. Publish to 127.0.0.1 what only the proxy needs.`,
        ]
      : []),
  ];
}
