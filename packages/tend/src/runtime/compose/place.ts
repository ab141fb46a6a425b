import type { App } from "../../model/fleet.ts";
import { appKey } from "../../observe/place.ts";
import { command, type Script } from "../../transport/argv.ts";

/** `docker compose` with the app's files, project and profiles, to be run in the app's folder: as one would by hand. */
export function composeArgv(app: App, extraFiles: readonly string[] = []): readonly string[] {
  return [
    "docker",
    "compose",
    // An overlay can only be laid over files that are named, so Compose's default is named then.
    ...[...app.compose, ...extraFiles].flatMap((file) => ["-f", file]),
    ...(app.project ? ["-p", app.project] : []),
    ...app.envFiles.flatMap((file) => ["--env-file", file]),
    ...app.profiles.flatMap((profile) => ["--profile", profile]),
  ];
}

/** Whether tend laid this file over the app's own for one run: its state may be in any folder. */
export function isOverlay(path: string): boolean {
  return /\/runs\/r[a-z0-9]{3,15}\/[^/]+$/.test(path);
}

export function compose(app: App, ...argv: readonly string[]): Script {
  return command([...composeArgv(app), ...argv]);
}

/** What people call a compose service: its name in the declaration. */
export function called(app: App, compose: string): string {
  return app.services.find((service) => service.compose === compose)?.name ?? compose;
}

/**
 * What tend's own names for images begin with. `docker image prune -a` takes an image's names away in their order
 * until it comes to the last one, which it leaves if a container runs: that must be the compose file's own name.
 */
export const KEPT = "0.tend/";

/** What tend calls the images that it keeps for a rollback. */
export function keptImage(app: App, service: string, release: number): string {
  return `${KEPT}${appKey(app)}/${service.toLowerCase()}:${release}`;
}

/** The container's name when the compose file doesn't fix one. */
export function defaultContainerName(project: string, service: string): string {
  return `${project}-${service}-1`;
}
