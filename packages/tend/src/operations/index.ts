import type { Operation } from "../operation.ts";

/** A verb before it is loaded: enough for a list, and for finding it. */
export interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly group: "releases" | "containers" | "looking" | "runs";
  load(): Promise<Operation>;
}

/** Every operation there is. The command line, the reference, and later surfaces, are made from this list. */
export const operations: readonly Entry[] = [
  entry(
    "deploy",
    "releases",
    "Bring the newest code or images into service, without downtime where that can be",
    async () => (await import("./release/deploy.ts")).deploy,
  ),
  entry(
    "rollback",
    "releases",
    "Bring an older release back: code, images, compose files and env file",
    async () => (await import("./release/rollback.ts")).rollback,
  ),
  entry(
    "releases",
    "releases",
    "List an app's releases, the newest first",
    async () => (await import("./release/releases.ts")).releases,
  ),
  entry("build", "releases", "Build an app's images, and push them", async () => (await import("./release/build.ts")).build),
  entry(
    "start",
    "containers",
    "Start an app's containers and wait until they are healthy",
    async () => (await import("./power/power.ts")).start,
  ),
  entry(
    "stop",
    "containers",
    "Stop an app's containers; they and their data stay",
    async () => (await import("./power/power.ts")).stop,
  ),
  entry(
    "restart",
    "containers",
    "Restart an app's containers and wait until they are healthy",
    async () => (await import("./power/power.ts")).restart,
  ),
  entry(
    "recreate",
    "containers",
    "Make new containers of the same release, for a changed env or compose file",
    async () => (await import("./power/power.ts")).recreate,
  ),
  entry(
    "exec",
    "containers",
    "Run a command inside an app's running container, with the app's declared env",
    async () => (await import("./logs/exec.ts")).exec,
  ),
  entry(
    "status",
    "looking",
    "Show every app: its release, its services, and where it differs from what was released",
    async () => (await import("./fleet/status.ts")).status,
  ),
  entry(
    "logs",
    "looking",
    "Show the logs of several services, merged by time",
    async () => (await import("./logs/logs.ts")).logs,
  ),
  entry(
    "check",
    "looking",
    "Check the declaration, and with --live the hosts against it",
    async () => (await import("./check/check.ts")).check,
  ),
  entry(
    "journal",
    "runs",
    "Tell what was done to an app, by whom, and what it came to",
    async () => (await import("./journal/journal.ts")).journal,
  ),
  entry(
    "resume",
    "runs",
    "Finish what an interrupted run began, or take it back",
    async () => (await import("./journal/resume.ts")).resume,
  ),
  entry("unlock", "runs", "Take away the lock of a run that is dead", async () => (await import("./journal/unlock.ts")).unlock),
];

function entry(name: string, group: Entry["group"], summary: string, load: Entry["load"]): Entry {
  return { name, group, summary, load };
}
