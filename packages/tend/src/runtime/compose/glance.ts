import { standing } from "../../backup/standing.ts";
import { type History, historyProbe } from "../../journal/releases.ts";
import { probe } from "../../observe/observe.ts";
import { appKey, projectFolder, stateFolder } from "../../observe/place.ts";
import { remotePath, sh } from "../../transport/argv.ts";
import type { AppStatus, Place, Query } from "../runtime.ts";
import { containersProbe, serviceStatus } from "./containers.ts";
import { driftOf } from "./found.ts";
import { called } from "./place.ts";

/** How an app stands, without resolving its compose files: its containers are known by their folder's label. */
export function glance(place: Place): Query<AppStatus> {
  const { app, host } = place;
  const probes = {
    containers: containersProbe,
    [`history.${appKey(app)}`]: historyProbe(stateFolder(host), appKey(app)),
    [`folder.${appKey(app)}`]: probe(
      sh`cd ${remotePath(app.path)} || exit 3
( cd ${projectFolder(app)} && pwd -P )
git rev-parse HEAD 2>/dev/null`,
      (seen) => {
        const [folder, head] = seen.stdout.split("\n").filter(Boolean);
        return { folder, head, trouble: seen.exit === 3 ? seen.stderr.trim() : undefined };
      },
    ),
  };
  return {
    probes,
    read: (answers) => {
      const { containers, trouble } = answers["containers"] as {
        containers: Parameters<typeof serviceStatus>[1];
        trouble?: string;
      };
      const history = answers[`history.${appKey(app)}`] as History;
      const folder = answers[`folder.${appKey(app)}`] as { folder?: string; head?: string; trouble?: string };
      const own = containers.filter((container) =>
        app.project ? container.project === app.project : container.workingDir === folder.folder,
      );
      const live = history.releases.at(-1);
      const names =
        app.services.length > 0
          ? app.services.map((service) => service.compose as string)
          : [
              ...new Set([
                ...Object.keys(live?.images ?? {}),
                ...own.flatMap((container) => (container.oneOff ? [] : (container.service ?? []))),
              ]),
            ];
      const services = names.map((name) => serviceStatus(name, own));
      const head = app.source.kind === "git" ? folder.head : undefined;
      return {
        releases: history.releases,
        unfinished: history.unfinished,
        kept: standing(app, history),
        services: services.map((status) => ({ ...status, service: called(app, status.service) })),
        drift: driftOf({ releases: history.releases, services, head }, app),
        problem: trouble ?? folder.trouble,
      };
    },
  };
}
