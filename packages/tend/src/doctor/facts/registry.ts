import type { ReleaseEvent } from "../../journal/events.ts";
import type { App } from "../../model/fleet.ts";
import { lines, sh } from "../../transport/argv.ts";
import type { Scene } from "../scene.ts";
import type { ComposeSeen } from "./compose.ts";
import { type First, hostPart, Unmeasured } from "./part.ts";

/** What the registry says of an image when the host asks for it as it would for a pull, without pulling it. */
export interface ManifestSeen {
  readonly answer: "there" | "refused" | "missing" | "limited" | "unreachable";
  /** The client's own words, where it isn't there. */
  readonly said: string;
}

/** Docker's own client has no limit of its own. */
const SECONDS = 6;
const MOST = 8;

/**
 * Asked for are the images that the next release or a rollback needs from a registry: an app's own, those that the host
 * lacks. Docker Hub counts such questions as pulls, so it isn't asked for what is there already.
 */
export const registry = hostPart<Readonly<Record<string, ManifestSeen>>>({
  after: true,
  within: 15,
  script: (scene, first) => {
    const { insecure } = first.engine;
    const asked = wanted(scene, first).map((ref) => {
      const how = insecure.includes(ref.split("/")[0] as string) ? ["--insecure", ref] : [ref];
      return sh`ask ${ref} ${how} &`;
    });
    return sh`ask() { # image, and how it is asked for
  ref=$1
  shift
  said=$(timeout -k 1 ${SECONDS} docker manifest inspect "$@" 2>&1 >/dev/null)
  echo "$?|$ref|$(printf '%s' "$said" | tr '\n' ' ' | cut -b 1-400)"
}
${lines(asked)}
wait`;
  },
  read: ({ exit, stdout, stderr }) => {
    if (exit !== 0) throw new Unmeasured(stderr.trim().split("\n")[0] || `docker ended with status ${exit}`);
    return Object.fromEntries(
      stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => {
          const [status, ref = "", ...said] = line.split("|");
          return [ref, understand(Number(status), said.join("|").trim())];
        }),
    );
  },
});

function understand(status: number, said: string): ManifestSeen {
  if (status === 0) return { answer: "there", said };
  if (/toomanyrequests|rate limit/i.test(said)) return { answer: "limited", said };
  if (/no basic auth|unauthorized|denied|forbidden|authentication required|incorrect username/i.test(said))
    return { answer: "refused", said };
  if (/no such manifest|manifest unknown|not found|name unknown/i.test(said)) return { answer: "missing", said };
  return { answer: "unreachable", said: said || `no answer within ${SECONDS} s` };
}

function wanted({ apps }: Scene, { compose, images, releases }: First): readonly string[] {
  const local = new Set(images.images.flatMap((image) => [...image.tags, ...image.digests, image.id]));
  const refs = apps.flatMap((app) => [
    ...declaredRefs(app, compose[app.name]).filter((ref) => !local.has(ref) || (app.source.kind === "images" && !isHub(ref))),
    ...lostDigests(releases[app.name] ?? [], local),
  ]);
  return [...new Set(refs)].slice(0, MOST);
}

/** The images that an app's services are pulled as; what is built there comes from no registry. */
export function declaredRefs(app: App, seen: ComposeSeen | undefined): readonly string[] {
  const declared = new Set<string>(app.services.map((service) => service.compose));
  return Object.entries(seen?.services ?? {}).flatMap(([name, service]) =>
    service.built || (declared.size > 0 && !declared.has(name)) ? [] : [withTag(service.image)],
  );
}

/** What a rollback to the release before would have to fetch. */
function lostDigests(releases: readonly ReleaseEvent[], local: ReadonlySet<string>): readonly string[] {
  return Object.values(releases.at(-2)?.images ?? {}).flatMap(({ id, digests }) => {
    return !local.has(id) && digests?.[0] !== undefined ? [digests[0]] : [];
  });
}

/** As Docker lists it: a name without a tag means `latest`. */
export function withTag(ref: string): string {
  return ref.includes("@") || /:[^/]+$/.test(ref) ? ref : `${ref}:latest`;
}

/** Whether a name is one of Docker Hub's: its first part is no host. */
export function isHub(ref: string): boolean {
  const [first = "", ...rest] = ref.split("/");
  return rest.length === 0 || first === "docker.io" || !(first.includes(".") || first.includes(":") || first === "localhost");
}
