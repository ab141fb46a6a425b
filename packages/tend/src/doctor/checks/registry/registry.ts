import type { App } from "../../../model/fleet.ts";
import { sh } from "../../../transport/argv.ts";
import { defineCheck } from "../../check.ts";
import type { Seen } from "../../facts/index.ts";
import { declaredRefs, type ManifestSeen } from "../../facts/registry.ts";
import { fail, pass, skip } from "../../finding.ts";
import { type Scene, subjectOf } from "../../scene.ts";

export const refused = defineCheck({
  id: "registry.auth",
  severity: "error",
  finds: "a registry that refuses the host",
  about:
    "The host asks for the manifest of each of the app's images with the credential that it has stored, as a pull would. A token that ran out shows at the next release otherwise.",
  remedy: "`docker login REGISTRY` on the host, with a token that may read packages; never in an argument.",
  fixClass: "person",
  *judge(seen, scene) {
    for (const { app, ref, answer } of asked(seen, scene)) {
      const subject = subjectOf(scene, app, ref);
      if (answer.answer === "unreachable") yield skip(subject, `its registry doesn't answer: ${answer.said}`);
      else if (answer.answer !== "refused") yield pass(subject);
      else {
        const registry = registryOf(ref);
        yield fail(subject, {
          title: `${registry} refuses ${scene.host.name}: ${ref} can't be pulled`,
          evidence: [answer.said],
          cause:
            "the host isn't logged in there, its token ran out, or it may not read this package; some registries say the same of one that doesn't exist",
          fix: {
            class: "person",
            text: "log the host in again, with a token that may read packages:",
            commands: [sh`docker login ${registry}`],
          },
          reaches: [subjectOf(scene, app)],
        });
      }
    }
  },
});

export const missing = defineCheck({
  id: "registry.missing",
  severity: "error",
  finds: "an image that its registry doesn't have",
  about:
    "The compose file names it, and the registry knows no such tag: a typing mistake, a build that never was pushed, a clean-up. A warning while the host still has it itself.",
  remedy: "Push it, or name a tag that there is.",
  fixClass: "person",
  follows: ["compose.var.unset"],
  *judge(seen, scene) {
    const local = new Set(seen.images.images.flatMap(({ tags, digests }) => [...tags, ...digests]));
    for (const { app, ref, answer } of asked(seen, scene)) {
      const subject = subjectOf(scene, app, ref);
      if (answer.answer !== "missing") {
        if (answer.answer === "there") yield pass(subject);
        continue;
      }
      const here = local.has(ref);
      yield fail(subject, {
        severity: here ? "warning" : "error",
        title: here
          ? `${ref} is on ${scene.host.name} alone: its registry doesn't have it`
          : `${ref} is neither on ${scene.host.name} nor in its registry`,
        evidence: [answer.said],
        fix: {
          class: "person",
          text: here ? "push it again, so that another host can have it" : "push it, or name a tag that there is",
          commands: here ? [sh`docker push ${ref}`] : undefined,
        },
        reaches: [subjectOf(scene, app)],
      });
    }
  },
});

export const rateLimited = defineCheck({
  id: "registry.ratelimit",
  severity: "info",
  finds: "a registry that has had enough of this address",
  about:
    "Docker Hub counts pulls by address, or by account where one is logged in. Nothing can be pulled from there for some hours.",
  remedy: "Log in, or keep a mirror; what is on the host goes on running.",
  fixClass: "person",
  *judge(seen, scene) {
    for (const { app, ref, answer } of asked(seen, scene)) {
      const subject = subjectOf(scene, app, ref);
      if (answer.answer !== "limited") yield pass(subject);
      else {
        yield fail(subject, {
          title: `${registryOf(ref)} lets ${scene.host.name} pull nothing for now: it asked too often`,
          evidence: [answer.said],
          fix: {
            class: "person",
            text: "wait some hours, or log in: accounts have a limit of their own",
            commands: [sh`docker login ${registryOf(ref)}`],
          },
        });
      }
    }
  },
});

function* asked(
  { compose, registry }: Seen,
  scene: Scene,
): Iterable<{ readonly app: App; readonly ref: string; readonly answer: ManifestSeen }> {
  for (const app of scene.apps) {
    for (const ref of new Set(declaredRefs(app, compose[app.name]))) {
      const answer = registry[ref];
      if (answer) yield { app, ref, answer };
    }
  }
}

function registryOf(ref: string): string {
  const [first = "", ...rest] = ref.split("/");
  return rest.length > 0 && /[.:]/.test(first) ? first : "docker.io";
}
