import { standing } from "../../backup/standing.ts";
import { frontCommand } from "../../front/command.ts";
import { type History, historyProbe } from "../../journal/releases.ts";
import { probe } from "../../observe/observe.ts";
import { appKey, stateFolder } from "../../observe/place.ts";
import { command, remotePath, type Script, sh } from "../../transport/argv.ts";
import type { AppStatus, Health, Place, Query } from "../runtime.ts";
import { appFolderScript } from "./look.ts";
import { driftOf } from "./moves.ts";
import { serviceFolder } from "./place.ts";
import { type Processes, processesProbe, serviceStatus } from "./processes.ts";

/** How an app stands: which of its processes are alive, and what those that have a probe answer to it now. */
export function glance(place: Place): Query<AppStatus> {
  const { app, host } = place;
  const key = appKey(app);
  const probes = {
    [`processes.${key}`]: processesProbe(appFolderScript(place)),
    [`history.${key}`]: historyProbe(stateFolder(host), key),
    [`folder.${key}`]: probe(sh`cd ${remotePath(app.path)} && git rev-parse HEAD`, (seen) => ({
      head: seen.stdout.trim() || undefined,
      trouble: seen.exit === 0 ? undefined : seen.stderr.trim(),
    })),
    [`health.${key}`]: probe(healthScript(place), (seen) => healthLines(seen.stdout)),
  };
  return {
    probes,
    read: (answers) => {
      const processes = answers[`processes.${key}`] as Processes;
      const history = answers[`history.${key}`] as History;
      const folder = answers[`folder.${key}`] as { head?: string; trouble?: string };
      const health = answers[`health.${key}`] as Readonly<Record<string, Health>>;
      const services = app.services.map(({ name }) => serviceStatus(name, processes, health[serviceFolder(name)]));
      const drift = driftOf(place, { releases: history.releases, processes, head: folder.head });
      return {
        releases: history.releases,
        unfinished: history.unfinished,
        kept: standing(app, history),
        services,
        drift,
        problem: folder.trouble,
      };
    },
  };
}

/** Asked on the host, all at once; without the program there is nothing that could have been started. */
function healthScript(place: Place): Script {
  const { app, host } = place;
  const asked = app.services.flatMap(({ name, probe, port }) =>
    probe && port !== undefined ? [serviceFolder(name), probe.path, String(probe.status ?? "-")] : [],
  );
  if (asked.length === 0) return sh`:`;
  const inFolder = sh`cd ${appFolderScript(place)}/services 2>/dev/null && cd .. || exit 0`;
  if (host.reach.kind === "local") return sh`${inFolder}; ${command([...frontCommand(), "health", ...asked])}`;
  return sh`${inFolder}; for program in ${stateFolder(host)}/front-*.mjs; do [ ! -f "$program" ] || found=$program; done; [ -z "$found" ] || node "$found" health ${asked}`;
}

function healthLines(text: string): Readonly<Record<string, Health>> {
  return Object.fromEntries(
    text
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split(" ") as [string, Health]),
  );
}
