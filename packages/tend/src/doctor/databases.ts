import type { Database, PostgresDatabase } from "../model/data.ts";
import type { App } from "../model/fleet.ts";
import type { Seen } from "./facts/index.ts";
import { Unmeasured } from "./facts/part.ts";
import type { ServerSeen } from "./facts/postgres.ts";
import type { Subject } from "./finding.ts";
import { apps, subjectOfContainer } from "./owner.ts";
import { type Scene, subjectOf } from "./scene.ts";

/** A declared PostgreSQL database, and whose it is. */
export interface Declared {
  readonly app: App;
  readonly database: PostgresDatabase;
}

/** Those of a server, or all. */
export function* declaredIn(scene: Scene, server?: Pick<ServerSeen, "container" | "user">): Iterable<Declared> {
  for (const app of scene.apps) {
    for (const database of app.databases) {
      if (database.kind !== "postgres") continue;
      if (!server || (database.container === server.container && database.user === server.user)) yield { app, database };
    }
  }
}

/** The servers that answered. One that is down is another check's; one that could not be asked is unknown. */
export function* answering(seen: Seen): Iterable<ServerSeen> {
  const servers = seen.postgres ?? [];
  for (const server of servers) if (!server.trouble) yield server;
  const unasked = servers.find((server) => server.trouble?.kind === "unasked");
  if (unasked) throw new Unmeasured(`${unasked.container}: ${unasked.trouble?.said}`);
}

/** `hemma/skriptoteket/main` */
export function subjectOfDatabase(scene: Scene, app: App, database: Pick<Database, "name">): Subject {
  return subjectOf(scene, app, database.name);
}

/** `hemma/shared-postgres`, or the service that it is of. */
export function subjectOfServer(seen: Seen, scene: Scene, server: Pick<ServerSeen, "container">): Subject {
  const container = seen.containers.find(({ name }) => name === server.container);
  return container ? subjectOfContainer(scene, container) : subjectOf(scene, server.container);
}

/** The apps that suffer when a server does. */
export function reachedBy(scene: Scene, server: Pick<ServerSeen, "container" | "user">): readonly Subject[] {
  return [...new Set([...declaredIn(scene, server)].map(({ app }) => subjectOf(scene, app)))];
}

/** It was started here at least once: what its data lacks before that is no fault. */
export function isHere(seen: Seen, scene: Scene, app: App): boolean {
  return [...apps(scene, seen.containers)].some((one) => one.app === app);
}
