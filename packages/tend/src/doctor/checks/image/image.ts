import { called, KEPT } from "../../../runtime/compose/place.ts";
import { defineCheck } from "../../check.ts";
import { isHub, withTag } from "../../facts/registry.ts";
import { fail, pass, skip } from "../../finding.ts";
import { apps } from "../../owner.ts";
import { subjectOf } from "../../scene.ts";
import { isUnderWay } from "../../under-way.ts";
import { watched } from "../../watched.ts";

/** Their data files belong to a major version; the newest minor one is what is wanted of it. */
const DATABASES = /(^|\/)(postgres|postgis|pgvector|mysql|mariadb|mongo|redis|valkey|timescaledb)(:|$)/;

export const floating = defineCheck({
  id: "image.floating",
  severity: "warning",
  finds: "an image whose name can mean another one tomorrow",
  about:
    "`latest`, no tag at all, or a word: the next pull may bring anything, and a rollback by name brings nothing back. A tag of one number moves within it: that is only information, and nothing for databases.",
  remedy: "Name a version, or a digest: `nginx:1.27.3`, `nginx@sha256:…`.",
  fixClass: "person",
  *judge({ containers, compose }, scene) {
    for (const one of watched(scene, containers)) {
      const { container, subject, owned, called: who } = one;
      if (!one.declared || container.ref.includes("@") || container.ref.startsWith("sha256:")) continue;
      // What is built on the host has no other place to come from.
      if (owned && compose[owned.app.name]?.services[owned.service.compose]?.built) continue;
      const tag = withTag(container.ref).split(":").at(-1) ?? "";
      const word = !/\d/.test(tag);
      const major = /^v?\d+(-[a-z]+)?$/.test(tag) && isHub(container.ref) && !DATABASES.test(container.ref);
      if (!word && !major) yield pass(subject);
      else {
        yield fail(subject, {
          severity: word ? "warning" : "info",
          title: word
            ? `${who} runs ${container.ref}, which can be anything at the next pull`
            : `${who} runs ${container.ref}, which moves with every release of ${tag.replace(/^v/, "")}`,
          evidence: [`image ${container.ref}, now ${container.image.slice(0, 19)}`],
          fix: {
            class: "person",
            text: "name a version or a digest in the compose file; docker image inspect shows which one this is",
          },
        });
      }
    }
  },
});

export const stale = defineCheck({
  id: "image.running.stale",
  severity: "warning",
  finds: "a container that runs another image than its name means now",
  about:
    "The image was built or pulled anew, and the container wasn't made anew. The next restart of the project brings the new one, whenever that is.",
  remedy: "`tend deploy` releases it, with a way back.",
  fixClass: "plan",
  *judge(seen, scene) {
    for (const { app, service, container, subject } of apps(scene, seen.containers)) {
      if (container.ref.startsWith("sha256:") || isUnderWay(seen, app)) continue;
      const named = seen.images.images.find(
        ({ tags, digests }) => tags.includes(withTag(container.ref)) || digests.includes(container.ref),
      );
      if (!named) continue;
      if (named.id === container.image) yield pass(subject);
      else {
        yield fail(subject, {
          title: `${service.name} of ${app.name} runs an older image than ${container.ref} means now`,
          evidence: [`it runs ${container.image.slice(0, 19)}`, `${container.ref} is ${named.id.slice(0, 19)}`],
          cause: "it was built or pulled without a release",
          fix: { class: "plan", text: "release it", operation: `tend deploy ${app.name}` },
        });
      }
    }
  },
});

export const rollbackMissing = defineCheck({
  id: "image.rollback.missing",
  severity: "warning",
  finds: "a release that could not be brought back, since its image is gone",
  about:
    "tend keeps the images of the last releases under names of its own. Where somebody removed one, the registry may still have it by its digest: it is asked.",
  remedy:
    "Push the image again, or release once more: from then on there is a way back. Leave images with tend's names out when you prune.",
  fixClass: "plan",
  *judge({ releases, images, registry }, scene) {
    const local = new Set(images.images.flatMap(({ id, tags, digests }) => [id, ...tags, ...digests]));
    for (const app of scene.apps) {
      const before = releases[app.name]?.at(-2);
      if (!before || app.runtime !== "compose") continue;
      for (const [service, { id, ref, digests }] of Object.entries(before.images)) {
        const subject = subjectOf(scene, app, called(app, service));
        const [digest] = digests ?? [];
        const asked = digest === undefined ? undefined : registry[digest];
        if (local.has(id) || asked?.answer === "there") yield pass(subject);
        else if (digest !== undefined && asked?.answer !== "missing")
          yield skip(subject, `its registry ${asked ? `doesn't tell: ${asked.said}` : "wasn't asked"}`);
        else {
          const built = before.code !== undefined && digest === undefined;
          yield fail(subject, {
            severity: built ? "info" : "warning",
            title: built
              ? `release ${before.release} of ${app.name} would have to be built again to be brought back`
              : `release ${before.release} of ${app.name} can't be brought back: the image of ${called(app, service)} is gone`,
            evidence: [
              `${ref}, ${id.slice(0, 19)}, isn't on ${scene.host.name}, where tend had kept it under ${KEPT}`,
              ...(asked ? [`its registry: ${asked.said}`] : []),
            ],
            fix: {
              class: "plan",
              text: "release once more: from then on there is a way back",
              operation: `tend deploy ${app.name}`,
            },
          });
        }
      }
    }
  },
});
