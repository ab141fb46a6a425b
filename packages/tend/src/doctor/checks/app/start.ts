import { defineCheck } from "../../check.ts";
import { judgeStart } from "./said.ts";

export const revisionUnknown = defineCheck({
  id: "app.revision.unknown",
  severity: "error",
  finds: "a database that is at a migration which the running code doesn't know",
  about:
    "Newer code has migrated the database, and older code runs now: after a rollback, a restore, or from a branch. What the older code believes about the schema may be wrong.",
  remedy: "Deploy the code that has the migration, or bring the data back to that release: `tend rollback APP --with-data`.",
  fixClass: "plan",
  needs: ["db.down"],
  judge: judgeStart("revision", {
    pattern:
      /[Cc]an't locate (?:revision|migration)(?: identified by)? '?([^\s':,]+)|missing from the local migrations|migration directory is corrupt/,
    ofCommand: "error",
    tell: (name, { app }) => ({
      title: `the database of ${app} is at the migration ${name}, which the code that runs doesn't have`,
      cause: "newer code was here, or the data is from a newer release",
      fix: {
        class: "plan",
        text: "deploy the code that has it, or bring back the data of this release",
        operation: `tend rollback ${app} --with-data`,
      },
    }),
  }),
});

export const moduleMissing = defineCheck({
  id: "app.module.missing",
  follows: ["vol.bind.masks", "vol.bind.missing"],
  severity: "error",
  finds: "code that isn't found where the app, or a command of it, looks for it",
  about:
    "The image lacks a package, or the search path isn't set. An app may run well and its commands fail all the same: the path that its start script sets isn't there for `docker exec`.",
  remedy:
    "For commands, declare what they need in their environment: `env: { PYTHONPATH: /app/src }`; `tend exec` and migrations get it each time. For the app: build the image anew.",
  fixClass: "person",
  judge: judgeStart("module", {
    pattern: /No module named '?([A-Za-z0-9_.]+)|Cannot find (?:module|package) '([^']+)'|cannot load such file -- (\S+)/,
    whenUp: "warning",
    ofCommand: "warning",
    tell: (name, { app, service }) =>
      service
        ? {
            title: `${service} of ${app} doesn't find the module ${name}`,
            cause: "the image was built without it, or its search path (PYTHONPATH, NODE_PATH) isn't set",
            fix: {
              class: "person",
              text: `add it to what the image installs, or set the path in the compose file; then tend deploy ${app}`,
            },
          }
        : {
            title: `a command of ${app} doesn't find the module ${name}`,
            cause: "the search path that the app starts with isn't set for commands",
            fix: { class: "person", text: `declare it for commands, in ${app} of tend.yaml: env: { PYTHONPATH: /app/src }` },
          },
  }),
});

export const libraryMismatch = defineCheck({
  id: "app.library.mismatch",
  severity: "error",
  finds: "a service that was built for another system library than its image has",
  about:
    "A two-stage image whose builder and runner are of different releases of Alpine or Debian: what was compiled in the first doesn't load in the second.",
  remedy: "Give both stages of the Dockerfile the same release (`cat /etc/alpine-release` in the builder), and build anew.",
  fixClass: "person",
  judge: judgeStart("library", {
    pattern:
      /Error relocating (\S+?):|error while loading shared libraries: (\S+?):|version [`'](GLIBC\S*?)' not found|Failed to load NIF library/,
    whenUp: "warning",
    ofCommand: "warning",
    tell: (name, { app, service = "a command" }) => ({
      title: `${service} of ${app} can't load ${name}: it was built on another system than it runs on`,
      cause: "the builder and the runner stage of its Dockerfile are of different releases",
      fix: { class: "person", text: `give both stages the same release, build anew, then tend deploy ${app}` },
    }),
  }),
});

export const envMissing = defineCheck({
  id: "app.env.missing",
  follows: ["compose.var.unset"],
  severity: "error",
  finds: "a service that doesn't start for a variable that isn't set",
  about: "Told by what it says when it ends. What has come through its start has all that it asked for.",
  remedy: "Set it in the env file, name it under `environment:` of the service in the compose file, and deploy.",
  fixClass: "person",
  judge: judgeStart("env", {
    pattern:
      /\b([A-Z][A-Z0-9_]{2,})\b['"]? (?:is not set|must be set|is required|is missing|not set)|KeyError: '([A-Z][A-Z0-9_]+)'|environment variable:? "?([A-Z][A-Z0-9_]+)|required variable "?([A-Z][A-Z0-9_]+)|"?([A-Z][A-Z0-9_]+)"? variable is not set/,
    ofCommand: "warning",
    tell: (name, { app, service = "a command" }) => ({
      title: `${service} of ${app} needs the variable ${name}, which isn't set`,
      fix: {
        class: "person",
        text: `set ${name} in the env file and under environment: of the service in the compose file; then tend deploy ${app}`,
      },
    }),
  }),
});
