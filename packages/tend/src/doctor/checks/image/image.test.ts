import { cases, container, YAML } from "../../testing.ts";
import { missing, rateLimited, refused } from "../registry/registry.ts";
import { floating, rollbackMissing, stale } from "./image.ts";

const unmeasurable = { "the engine refuses": { images: { exit: 1, stdout: "", stderr: "permission denied" } } };
const ref = (name: string, of: string) => ({ containers: container(name, () => ({ ref: of })) });
/** The app as one whose image comes from a registry. */
const PULLED = (recorded: string) => recorded.replace("    build: true\n", "    image: ghcr.io/acme/skriptoteket:41\n");
const IMAGE = "ghcr.io/acme/skriptoteket:41";

cases(floating, {
  good: {
    "a version": ref("nginx-proxy", "nginxproxy/nginx-proxy:1.6.4-alpine"),
    "a digest": ref("nginx-proxy", `nginx@sha256:${"a".repeat(64)}`),
    "a registry with a port": ref("nginx-proxy", "registry.example:5000/nginx:1.27"),
    "a commit": ref("nginx-proxy", "ghcr.io/acme/proxy:8d04e7b"),
    "a database's major version": ref("shared-postgres", "postgres:17-alpine"),
  },
  bad: {
    latest: { seen: ref("nginx-proxy", "nginx:latest"), on: "hemma/nginx-proxy", says: "can be anything" },
    "no tag at all": {
      seen: ref("nginx-proxy", "registry.example:5000/nginx"),
      on: "hemma/nginx-proxy",
      says: "can be anything",
    },
    "a word": { seen: ref("shared-postgres", "postgres:alpine"), on: "hemma/shared-postgres", says: "can be anything" },
    "one number": { seen: ref("nginx-proxy", "caddy:2"), on: "hemma/nginx-proxy", says: "moves with every release of 2" },
  },
  unmeasurable: { "Compose doesn't answer": { compose: { exit: 124, stdout: "" } } },
});

cases(stale, {
  good: {
    "an image of no name": ref("skriptoteket-web", `sha256:${"a".repeat(64)}`),
    "a name that is gone": ref("skriptoteket-web", "gone:1"),
  },
  bad: {
    "built, and not released": {
      seen: { containers: container("skriptoteket-web", () => ({ image: `sha256:${"0".repeat(64)}` })) },
      on: "hemma/skriptoteket/web",
      says: "older image than skriptoteket-web means now",
    },
  },
  unmeasurable,
});

const DIGEST = `ghcr.io/acme/skriptoteket@sha256:${"b".repeat(64)}`;
const GONE =
  (digests: readonly string[], code = true) =>
  (recorded: string): string =>
    recorded
      .replace(/"digests":\[\]/, `"digests":${JSON.stringify(digests)}`)
      .replace(/"id":"sha256:[0-9a-f]+"/, `"id":"sha256:${"0".repeat(64)}"`)
      .replace(code ? /$^/ : /"code":\{[^}]*\},/, "");
cases(rollbackMissing, {
  good: {
    "the registry still has it": { releases: GONE([DIGEST]), registry: `0|${DIGEST}|\n` },
    "the registry doesn't answer: nobody knows": { releases: GONE([DIGEST]), registry: `124|${DIGEST}|\n` },
    "the registry wasn't asked, since so much else was: nobody knows": { releases: GONE([DIGEST]), registry: "" },
    "one release: there is nothing to go back to": { releases: (recorded) => recorded.split("\n").slice(0, 2).join("\n") },
  },
  bad: {
    "gone here and there": {
      seen: { releases: GONE([DIGEST], false), registry: `1|${DIGEST}|no such manifest: ${DIGEST}\n` },
      on: "hemma/skriptoteket/web",
      says: "can't be brought back",
    },
    "built here, and removed": { seen: { releases: GONE([]) }, on: "hemma/skriptoteket/web", says: "built again" },
  },
  unmeasurable,
});

const silent = { "the engine refuses": { registry: { exit: 1, stdout: "", stderr: "permission denied" }, compose: PULLED } };
const SUBJECT = `hemma/skriptoteket/${IMAGE}`;
const yaml = YAML.replace("source: { git: main }", "source: { images: ghcr.io/acme }");

cases(refused, {
  yaml,
  good: {
    "it is there": { compose: PULLED, registry: `0|${IMAGE}|\n` },
    "it isn't": { compose: PULLED, registry: `1|${IMAGE}|no such manifest: ${IMAGE}\n` },
    "no answer": { compose: PULLED, registry: `124|${IMAGE}|\n` },
  },
  bad: {
    "a token that ran out": {
      seen: { compose: PULLED, registry: `1|${IMAGE}|errors: denied: denied\n` },
      on: SUBJECT,
      says: "ghcr.io refuses hemma",
    },
    "never logged in": {
      seen: { compose: PULLED, registry: `1|${IMAGE}|Get "https://ghcr.io/v2/": no basic auth credentials\n` },
      on: SUBJECT,
      says: "no basic auth",
    },
  },
  unmeasurable: silent,
});

cases(missing, {
  yaml,
  good: { refused: { compose: PULLED, registry: `1|${IMAGE}|unauthorized: authentication required\n` } },
  bad: {
    nowhere: {
      seen: { compose: PULLED, registry: `1|${IMAGE}|no such manifest: ${IMAGE}\n` },
      on: SUBJECT,
      says: "neither on hemma",
    },
    "only here": {
      seen: {
        compose: PULLED,
        images: (recorded) => recorded.replace('"skriptoteket-web:latest"', `"${IMAGE}"`),
        registry: `1|${IMAGE}|manifest unknown\n`,
      },
      on: SUBJECT,
      says: "is on hemma alone",
    },
  },
  unmeasurable: silent,
});

cases(rateLimited, {
  yaml,
  good: { "it is there": { compose: PULLED, registry: `0|${IMAGE}|\n` } },
  bad: {
    "asked too often": {
      seen: { compose: PULLED, registry: `1|${IMAGE}|toomanyrequests: You have reached your pull rate limit.\n` },
      on: SUBJECT,
      says: "asked too often",
    },
  },
  unmeasurable: silent,
});
