import { cases, container, YAML } from "../../testing.ts";
import { invalid, networkMissing, unset } from "./files.ts";
import { orphan, undeclared } from "./projects.ts";
import { drift, serviceMissing } from "./services.ts";

const APP = "hemma/skriptoteket";
const unmeasurable = {
  "there is no Compose": { compose: { exit: 1, stdout: "", stderr: "docker: 'compose' is not a docker command." } },
  "no answer in time": { compose: { exit: 124, stdout: "" } },
};
const said =
  (line: string, exit = 0) =>
  (recorded: string) =>
    recorded.replace("\x1esaid\n", `\x1esaid\n${line}\n`).replace("#exit 0", `#exit ${exit}`);
const BLANK =
  'time="2026-11-20T13:54:00Z" level=warning msg="The \\"SKRIPTOTEKET_DB_PASSWORD\\" variable is not set. Defaulting to a blank string."';

cases(invalid, {
  good: { "a warning is none": { compose: said(BLANK) } },
  bad: {
    "a line that isn't YAML": {
      seen: { compose: said("yaml: line 7: mapping values are not allowed in this context", 15) },
      on: APP,
      says: "line 7",
    },
    "a variable that has to be set": {
      seen: {
        compose: said(
          "error while interpolating services.web.environment.DB: required variable SKRIPTOTEKET_DB_PASSWORD is missing a value: set it in .env",
          1,
        ),
      },
      on: APP,
      says: "SKRIPTOTEKET_DB_PASSWORD isn't set",
    },
    "no folder": {
      seen: { compose: "\x1eapp\nskriptoteket\n\x1eend\n" },
      on: APP,
      says: "isn't on hemma",
    },
  },
  unmeasurable,
});

cases(unset, {
  good: { "the files are wrong altogether: that is said by another": { compose: said(BLANK, 1) } },
  bad: { blank: { seen: { compose: said(BLANK) }, on: APP, says: "SKRIPTOTEKET_DB_PASSWORD" } },
  unmeasurable,
});

cases(networkMissing, {
  good: { "others, too": { networks: "bridge\nedge-network\nhost\nmonitoring\nnone\n" } },
  bad: { gone: { seen: { networks: "bridge\nhost\nnone\n" }, on: APP, says: "edge-network" } },
  unmeasurable: { ...unmeasurable, "the engine refuses": { networks: { exit: 1, stdout: "", stderr: "permission denied" } } },
});

const without = (recorded: string) =>
  recorded
    .split("\n")
    .filter((line) => !line.includes('"name":"/skriptoteket-web"'))
    .join("\n");
const TWO = (recorded: string) => recorded.replace("services:\n", "services:\n  worker:\n    image: node:24-slim\n");
const BOTH = YAML.replace("    services:\n", "    services:\n      worker: {}\n");
cases(serviceMissing, {
  good: {
    "a service that isn't declared": { compose: TWO },
    "stopped a moment ago: maybe to be replaced": {
      containers: container("skriptoteket-web", () => ({ state: "exited", exitCode: 0, finishedAt: "2026-11-20T13:53:50Z" })),
    },
    "a job that has done its work": {
      containers: container("skriptoteket-web", () => ({
        state: "exited",
        exitCode: 0,
        policy: "no",
        finishedAt: "2026-11-20T10:00:00Z",
      })),
    },
  },
  bad: {
    "nothing runs at all": { seen: { containers: without }, on: APP, says: "none of its services has a container" },
    stopped: {
      seen: {
        containers: container("skriptoteket-web", () => ({ state: "exited", exitCode: 0, finishedAt: "2026-11-20T10:00:00Z" })),
      },
      on: `${APP}/web`,
      says: /ended with status 0 3 h ago/,
    },
    paused: {
      seen: { containers: container("skriptoteket-web", () => ({ state: "paused" })) },
      on: `${APP}/web`,
      says: "it is paused",
    },
  },
  unmeasurable,
});

cases(serviceMissing, {
  yaml: BOTH,
  good: {
    "the second one, from the same image": {
      compose: TWO,
      containers: (recorded) =>
        `${recorded}\n${(recorded.split("\n").find((line) => line.includes("/skriptoteket-web")) ?? "").replaceAll(/"com.docker.compose.service":"web"/g, '"com.docker.compose.service":"worker"').replace('"name":"/skriptoteket-web"', '"name":"/worker"')}`,
    },
  },
  bad: {
    "one of two has no container": {
      seen: { compose: TWO },
      on: `${APP}/worker`,
      says: "worker of skriptoteket has no container",
    },
  },
  unmeasurable,
});

const hashed = (hash: string, version: string) =>
  container("skriptoteket-web", (raw) => ({
    labels: { ...(raw["labels"] as object), "com.docker.compose.config-hash": hash, "com.docker.compose.version": version },
  }));
cases(drift, {
  good: { "another Compose hashes otherwise": { containers: hashed("0123456789abcdef", "2.39.4") } },
  bad: {
    "the file has changed since": {
      seen: { containers: hashed("0123456789abcdef", "2.26.1") },
      on: `${APP}/web`,
      says: "0123456789ab",
    },
  },
  unmeasurable,
});

const another = (service: string, files: string) => (recorded: string) => {
  const line = recorded.split("\n").find((one) => one.includes('"name":"/skriptoteket-web"')) ?? "";
  const raw = JSON.parse(line) as { labels: Record<string, string> };
  const labels = { ...raw.labels, "com.docker.compose.service": service, "com.docker.compose.project.config_files": files };
  return `${recorded}\n${JSON.stringify({ ...raw, id: "f".repeat(64), name: `/skriptoteket-${service}`, labels })}`;
};
cases(orphan, {
  good: {
    "a service of a profile that isn't in use": {
      compose: (recorded) => recorded.replace("\x1eall\n", "worker 0123\n\x1eall\n"),
      containers: another("worker", "/root/apps/skriptoteket/compose.prod.yaml"),
    },
  },
  bad: {
    "its service was taken out": {
      seen: { containers: another("worker", "/root/apps/skriptoteket/compose.prod.yaml") },
      on: `${APP}/worker`,
      says: "worker is no longer in the compose file",
    },
    "two files, one project name": {
      seen: { containers: another("loki", "/root/apps/skriptoteket/compose.observability.yaml") },
      on: `${APP}/loki`,
      says: "remove-orphans",
    },
  },
  unmeasurable,
});

const IN = "/root/apps/skriptoteket";
cases(orphan, {
  yaml: YAML.replace(/ *compose: .*\n/, ""),
  good: {},
  bad: {
    "it was made with the override that Compose takes by itself, and with a file that tend laid over them for a run": {
      seen: {
        containers: another(
          "worker",
          `${IN}/docker-compose.yml,${IN}/compose.override.yaml,/root/.local/state/tend/apps/skriptoteket/runs/r23qj0/surge-worker.yaml`,
        ),
      },
      on: `${APP}/worker`,
      says: "worker is no longer in the compose file",
    },
  },
  unmeasurable,
});

cases(undeclared, {
  good: { "run by hand, without a project": { containers: container("nginx-proxy", () => ({ name: "/x", labels: {} })) } },
  bad: {
    "a project of somebody's": {
      seen: {
        containers: (recorded) =>
          another(
            "jelly",
            "/srv/media/compose.yaml",
          )(recorded)
            .split("\n")
            .map((line) =>
              line.includes("jelly")
                ? line
                    .replaceAll('project":"skriptoteket"', 'project":"media"')
                    .replaceAll("/root/apps/skriptoteket", "/srv/media")
                : line,
            )
            .join("\n"),
      },
      on: "hemma/media",
      says: "media isn't declared",
    },
  },
  unmeasurable: { "the engine refuses": { containers: { exit: 1, stdout: "", stderr: "permission denied" } } },
});
