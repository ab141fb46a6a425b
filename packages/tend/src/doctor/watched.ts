import type { App } from "../model/fleet.ts";
import type { ContainerSeen } from "./facts/containers.ts";
import type { Severity, Subject } from "./finding.ts";
import { type Owned, ownerOf } from "./owner.ts";
import { type Scene, subjectOf } from "./scene.ts";

/** A container that is meant to stay up, and how much depends on it. */
export interface Watched {
  readonly container: ContainerSeen;
  readonly subject: Subject;
  /** As people say it: `web of skriptoteket`, `shared-postgres`. */
  readonly called: string;
  /** What is down with it is declared: an error. Whatever else runs on the host is somebody's, too: a warning. */
  readonly severity: Severity;
  readonly owned?: Owned;
  /** A declared app's own, its proxy or its database. */
  readonly declared: boolean;
  /** The apps that suffer where it fails. */
  readonly reaches: readonly Subject[];
}

/**
 * The containers that are to run: services of the declared apps, the proxies and databases that they use, and what else
 * is restarted by itself. One-offs, surges and what somebody runs by hand are left alone.
 */
export function* watched(scene: Scene, containers: readonly ContainerSeen[]): Iterable<Watched> {
  for (const container of containers) {
    if (container.oneOff) continue;
    const owned = ownerOf(scene, container);
    if (owned) {
      const { app, service, subject } = owned;
      if (service.role === "one-off") continue;
      const called = `${service.name} of ${app.name}`;
      yield { container, subject, called, severity: "error", owned, declared: true, reaches: [] };
      continue;
    }
    const reaches = usersOf(scene, container).map((app) => subjectOf(scene, app));
    const declared = reaches.length > 0 || isProxy(scene, container);
    if (!declared && ["no", ""].includes(container.restartPolicy)) continue;
    const severity = declared ? "error" : "warning";
    yield { container, subject: subjectOf(scene, container.name), called: container.name, severity, declared, reaches };
  }
}

export function isProxy({ fleet, host }: Scene, container: ContainerSeen): boolean {
  return [...fleet.proxies.values()].some((proxy) => proxy.host === host.name && proxy.container === container.name);
}

/** The apps that have their database in it, or their way in through it. */
function usersOf({ apps, fleet }: Scene, container: ContainerSeen): readonly App[] {
  return apps.filter(
    (app) =>
      app.databases.some((database) => database.kind === "postgres" && database.container === container.name) ||
      app.services.some(
        ({ route }) => route?.proxy !== undefined && fleet.proxies.get(route.proxy)?.container === container.name,
      ),
  );
}

/** The commands and operations that go with a container: tend's for an app's own, Docker's for what else there is. */
export function again(
  { owned, container }: Watched,
  verb: "start" | "restart",
): { readonly operation?: string; readonly text: string } {
  if (!owned) return { text: `then docker ${verb} ${container.name}` };
  return { operation: `tend ${verb} ${owned.app.name} --only ${owned.service.name}`, text: `then ${verb} it` };
}

/** Seconds that a host may be ahead of here, or that a look may take. */
const AHEAD = 60;

/** Seconds since a time that a host told; undefined for the engine's zero time, and where the clocks are too far apart to tell. */
export function since(time: string, now: Date): number | undefined {
  const at = Date.parse(time);
  const passed = (now.getTime() - at) / 1000;
  return Number.isNaN(at) || at <= 0 || passed < -AHEAD ? undefined : Math.max(0, passed);
}
