import type { ContainerSeen } from "../doctor/facts/containers.ts";
import { ownerOf } from "../doctor/owner.ts";
import type { Scene } from "../doctor/scene.ts";
import type { ReleaseEvent } from "../journal/events.ts";
import { appKey } from "../observe/place.ts";
import { KEPT_RELEASES } from "../runtime/compose/keep.ts";
import { KEPT } from "../runtime/compose/place.ts";
import type { ImageStored, Stored } from "./stored.ts";

/**
 * in-use: a container has it, running or not. kept: a release that can still be brought back has it. superseded: it was
 * a declared app's, and nothing needs it. other: not ours to judge.
 */
export type ImageRole = "in-use" | "kept" | "superseded" | "other";

export interface JudgedImage {
  readonly image: ImageStored;
  readonly role: ImageRole;
  /** The declared app whose it is or was, and its newest release that had it. */
  readonly app?: string;
  readonly release?: number;
  /** Why it is so, for people. */
  readonly because: string;
}

/** What each image is there for. Pure; where in doubt, it is not ours. */
export function judgeImages(
  scene: Scene,
  { images, releases }: Pick<Stored, "images" | "releases">,
  containers: readonly ContainerSeen[],
): readonly JudgedImage[] {
  const apps = scene.apps.map(appKey);
  // Of every app with a journal here: another fleet's, or another environment, may need the same image.
  const retained = new Map(Object.entries(releases).map(([app, all]) => [app, retainedOf(all)]));
  const projects = projectsOf(scene, containers);
  return images.map((image): JudgedImage => {
    const users = containers.filter((one) => one.image === image.id);
    const owner = newestWith(image, apps, releases);
    const of = owner && { app: owner.app, release: owner.release.release };
    if (users.length > 0)
      return {
        image,
        role: "in-use",
        ...of,
        because: `${users.map((one) => one.name).join(", ")} ${users.length === 1 ? "has" : "have"} it`,
      };
    const needed = Object.entries(releases).flatMap(([app, all]) =>
      all.filter((release) => retained.get(app)?.has(release.release) && hasImage(release, image)),
    );
    if (needed.length > 0)
      return { image, role: "kept", ...of, because: `release ${needed.at(-1)?.release} of ${needed.at(-1)?.app} needs it` };
    const foreign = image.tags.find((tag) => !isOurs(tag, image, apps, releases, retained));
    if (foreign !== undefined) return { image, role: "other", ...of, because: `it is called ${foreign}` };
    if (owner)
      return {
        image,
        role: "superseded",
        ...of,
        because: `only release ${owner.release.release} of ${owner.app} had it, and that is no longer kept`,
      };
    const project = image.tags.length === 0 && image.project !== undefined ? projects.get(image.project) : undefined;
    if (project !== undefined)
      return { image, role: "superseded", app: project, because: `it was built for ${project} and has no name any more` };
    return { image, role: "other", because: "it is no declared app's" };
  });
}

/** The releases whose images stay: the newest ones, and those that one of them brought back. */
function retainedOf(releases: readonly ReleaseEvent[]): ReadonlySet<number> {
  const newest = [...releases.map((one) => one.release)].sort((one, other) => other - one).slice(0, KEPT_RELEASES);
  const kept = new Set(newest);
  for (const release of releases) if (kept.has(release.release) && release.of !== undefined) kept.add(release.of);
  return kept;
}

function hasImage(release: ReleaseEvent, image: ImageStored): boolean {
  return Object.values(release.images).some((one) => one.id === image.id);
}

function newestWith(image: ImageStored, apps: readonly string[], releases: Stored["releases"]) {
  for (const app of apps) {
    const release = releases[app]?.findLast((one) => hasImage(one, image));
    if (release) return { app, release };
  }
  return undefined;
}

/** A name that a declared app's own release gave to this very image, or that tend gave it for a release that isn't kept any more. */
function isOurs(
  tag: string,
  image: ImageStored,
  apps: readonly string[],
  releases: Stored["releases"],
  retained: ReadonlyMap<string, ReadonlySet<number>>,
): boolean {
  if (tag.startsWith(KEPT)) {
    const [, app = "", release = ""] = /^([^/]+)\/.*:(\d+)$/.exec(tag.slice(KEPT.length)) ?? [];
    return apps.includes(app) && !retained.get(app)?.has(Number(release));
  }
  return apps.some((app) =>
    (releases[app] ?? []).some((release) =>
      Object.values(release.images).some((one) => one.id === image.id && fullName(one.ref) === fullName(tag)),
    ),
  );
}

/** `web` is `web:latest`, and `docker.io/library/nginx` is `nginx`. */
function fullName(ref: string): string {
  const short = ref.replace(/^docker\.io\//, "").replace(/^library\//, "");
  return /:[^/]+$/.test(short) ? short : `${short}:latest`;
}

/** Compose's project names of the declared apps: as declared, else as their containers say. */
function projectsOf(scene: Scene, containers: readonly ContainerSeen[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const app of scene.apps) if (app.project !== undefined) found.set(app.project, appKey(app));
  for (const container of containers) {
    const owned = ownerOf(scene, container);
    if (owned && container.project !== undefined) found.set(container.project, appKey(owned.app));
  }
  return found;
}
