import { containers } from "../../doctor/facts/containers.ts";
import { listening } from "../../doctor/facts/listening.ts";
import { type AnswersOf, ask, known } from "../../machine/ask.ts";
import { isLocal, type PortOwner, portOwners } from "../../machine/ports.ts";
import { reportOnHosts } from "../../machine/report.ts";
import type { HostName } from "../../model/names.ts";
import { defineOperation } from "../../operation.ts";
import { someHosts } from "../../params.ts";
import { table } from "../../render/table.ts";

const PARTS = { containers, listening };
interface HostPorts {
  readonly host: HostName;
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
programs of other users have no name. Exits 7 when a host can't be reached.`,
  effect: "reads",
  params: { hosts: someHosts() },
  examples: [{ command: "tend host ports hemma", explains: "what has port 80, and what is open to the world" }],
  report: (session, input) =>
    reportOnHosts(session, input.hosts, async (transport, scene) => {
      const data = portsOf(scene.host.name, await ask(transport, scene, PARTS));
      return { data, lines: linesOf(data) };
    }),
});

function portsOf(host: HostName, { containers: all, listening: seen }: AnswersOf<typeof PARTS>): HostPorts {
  if ("unmeasured" in seen) return { host, ports: [], past: [], unmeasured: seen.unmeasured };
  const owners = portOwners({ containers: known(all) ?? [], listening: seen.value });
  const ports = owners.map((one) => ({ ...one, local: isLocal(one.address) }));
  const { ufw } = seen.value;
  const published = ports.filter((one) => one.container !== undefined && one.pid === undefined && !one.local);
  return { host, ports, ufw, past: ufw === "active" ? [...new Set(published.map((one) => one.port))] : [] };
}

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
