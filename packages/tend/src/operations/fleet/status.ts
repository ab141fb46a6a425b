import type { Failure } from "../../model/failure.ts";
import type { Host } from "../../model/fleet.ts";
import { observe, probe } from "../../observe/observe.ts";
import { appKey, prelude } from "../../observe/place.ts";
import { defineOperation } from "../../operation.ts";
import { someApps } from "../../params.ts";
import { type FleetStatus, type HostStatus, statusLines } from "../../render/status.ts";
import { runtimes } from "../../runtime/index.ts";
import type { AppStatus, Place } from "../../runtime/runtime.ts";
import { appsByHost, type Session } from "../../session.ts";
import { sh } from "../../transport/argv.ts";

export const status = defineOperation({
  kind: "report",
  name: "status",
  summary: "Show every app: its release, its services, and where it differs from what was released",
  details: "One round trip a host. Exits 7 when a host can't be reached.",
  effect: "reads",
  params: { apps: someApps() },
  examples: [
    { command: "tend status", explains: "the whole fleet" },
    { command: "tend status --json | jq '.hosts[].apps[] | {name, drift}'", explains: "for scripts" },
  ],
  async report(session, input) {
    const places = await session.places(input.apps);
    const fleet = await session.fleet();
    const hosts = await Promise.all([...appsByHost(places).values()].map((onHost) => hostStatus(session, onHost)));
    const data: FleetStatus = { fleet: fleet.name, at: new Date().toISOString(), hosts };
    return { data, lines: statusLines(data), exit: hosts.some((host) => host.failure) ? 7 : 0 };
  },
});

const machine = probe(
  sh`echo "docker $(docker version --format '{{.Server.Version}}' 2>/dev/null)"
echo "uptime $(cut -d ' ' -f 1 /proc/uptime 2>/dev/null)"
echo "disk $(df -Pk / | tail -n 1)"`,
  (seen) => {
    const said = (what: string) => new RegExp(`^${what} (.+)$`, "m").exec(seen.stdout)?.[1];
    const uptime = Number(said("uptime"));
    const used = /([0-9]+)%/.exec(said("disk") ?? "")?.[1];
    return {
      docker: said("docker"),
      uptimeSeconds: Number.isFinite(uptime) ? Math.floor(uptime) : undefined,
      diskPercent: used === undefined ? undefined : Number(used),
    };
  },
);

async function hostStatus(session: Session, places: readonly Place[]): Promise<HostStatus> {
  const host = (places[0] as Place).host as Host;
  try {
    const transport = await session.transport(host);
    const queries = places.map((place) => ({ place, query: runtimes[place.app.runtime].glance(place) }));
    const probes = Object.assign({ machine }, ...queries.map(({ query }) => query.probes));
    const answers = await observe(transport, prelude(host), probes);
    const apps = queries.map(({ place, query }) => ({ name: appKey(place.app), ...(query.read(answers) as AppStatus) }));
    return { name: host.name, via: transport.via, ...(answers["machine"] as ReturnType<typeof machine.read>), apps };
  } catch (error) {
    const { asFailure } = await import("../../carry-out.ts");
    const failure: Failure = asFailure(error);
    return {
      name: host.name,
      failure: { id: failure.id, title: failure.message, evidence: failure.parts.evidence ?? [] },
      apps: [],
    };
  }
}
