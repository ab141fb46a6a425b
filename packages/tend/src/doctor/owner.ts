import type { App, Service } from "../model/fleet.ts";
import { type ServiceName, serviceName } from "../model/names.ts";
import type { ContainerSeen } from "./facts/containers.ts";
import type { Subject } from "./finding.ts";
import { type Scene, subjectOf } from "./scene.ts";

export interface Owned {
  readonly app: App;
  readonly service: Pick<Service, "name" | "compose" | "role" | "route" | "probe">;
  readonly container: ContainerSeen;
  readonly subject: Subject;
}

/** The containers that are services of the declared apps; one-offs and surges are none. */
export function* apps(scene: Scene, containers: readonly ContainerSeen[]): Iterable<Owned> {
  for (const container of containers) {
    const owned = ownerOf(scene, container);
    if (owned) yield owned;
  }
}

/** Whose container it is: known by Compose's labels for the project folder, or for the project's declared name. */
export function ownerOf(scene: Scene, container: ContainerSeen): Owned | undefined {
  const { service: compose, oneOff } = container;
  // A label may be anything; what Compose wrote is a name, and can stand in a command.
  if (compose === undefined || oneOff || !serviceName.parse(compose)) return undefined;
  for (const app of scene.apps) {
    if (app.runtime !== "compose" || !isOf(app, container)) continue;
    const declared = app.services.find((service) => service.compose === compose);
    if (!declared && app.services.length > 0) continue;
    const service = declared ?? { name: compose as ServiceName, compose: compose as ServiceName, role: "worker" };
    return { app, service, container, subject: subjectOf(scene, app, service.name) };
  }
  return undefined;
}

function isOf(app: App, container: ContainerSeen): boolean {
  if (app.project !== undefined) return container.project === app.project;
  const declared = app.path.replace(/^~\//, "/").replace(/\/+$/, "");
  const first = app.compose[0] ?? "";
  const folder = first.includes("/") ? `${declared}/${first.slice(0, first.lastIndexOf("/"))}` : declared;
  const real = container.workingDir ?? "";
  return app.path.startsWith("~/") ? real.endsWith(folder) : real === folder;
}

/** What a container is called as a subject: its app's service where it is one, else by its own name. */
export function subjectOfContainer(scene: Scene, container: ContainerSeen): Subject {
  return ownerOf(scene, container)?.subject ?? subjectOf(scene, container.name);
}

/** A declaration may call a volume as the compose file does, without the project before it. */
export function isVolume(name: string, declared: string | undefined): boolean {
  return declared !== undefined && name !== "" && (name === declared || name.endsWith(`_${declared}`));
}

/** Seconds after which a container without a health check has started. */
const STARTED = 30;

/** It runs, and has come through its start. */
export function isUp({ state, health, startedAt }: ContainerSeen, { now }: Pick<Scene, "now">): boolean {
  if (state !== "running") return false;
  if (health && health.status !== "none") return health.status === "healthy";
  return now.getTime() - Date.parse(startedAt) > STARTED * 1000;
}
