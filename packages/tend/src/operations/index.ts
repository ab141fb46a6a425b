import type { Operation } from "../operation.ts";

/** A verb before it is loaded: enough for a list, and for finding it. */
export interface Entry {
  /** One word, or two: `db shell`. */
  readonly name: string;
  readonly summary: string;
  readonly group: "releases" | "data" | "containers" | "looking" | "edge" | "host" | "runs";
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
    "backup",
    "data",
    "Back an app's databases and files up, and read the backup back",
    async () => (await import("./data/backup.ts")).backup,
  ),
  entry(
    "backups",
    "data",
    "List an app's backups, as the places that keep them say",
    async () => (await import("./data/backups.ts")).backups,
  ),
  entry(
    "restore",
    "data",
    "Put a backup in the place of a database or files, and keep what was there",
    async () => (await import("./data/restore.ts")).restore,
  ),
  entry(
    "drill",
    "data",
    "Prove that the newest backup restores: into a scratch database, compared, removed",
    async () => (await import("./data/drill.ts")).drill,
  ),
  entry(
    "backup verify",
    "data",
    "Read backups whole from where they are kept, against their manifests",
    async () => (await import("./data/verify.ts")).verify,
  ),
  entry(
    "prune",
    "data",
    "Remove the backups that the declared retention doesn't keep any more",
    async () => (await import("./data/prune.ts")).prune,
  ),
  entry(
    "migrate",
    "data",
    "Apply what is pending of an app's migrations, behind a verified backup",
    async () => (await import("./data/migrate.ts")).migrate,
  ),
  entry(
    "db shell",
    "data",
    "Open the database's own shell: psql or sqlite3, where the database is",
    async () => (await import("./data/db/shell.ts")).dbShell,
  ),
  entry(
    "db query",
    "data",
    "Ask a database, in a transaction that can't change anything",
    async () => (await import("./data/db/query.ts")).dbQuery,
  ),
  entry(
    "db create",
    "data",
    "Create a declared database and its extensions, where they are missing",
    async () => (await import("./data/db/create.ts")).dbCreate,
  ),
  entry(
    "db reset",
    "data",
    "Begin with an empty database: backup, stop, a new one, migrate, start, seed",
    async () => (await import("./data/db/reset.ts")).dbReset,
  ),
  entry(
    "db scratch",
    "data",
    "Make a throwaway copy of a database beside it, or remove such copies",
    async () => (await import("./data/db/scratch.ts")).dbScratch,
  ),
  entry(
    "db diff",
    "data",
    "Compare the schemas of two databases, or of a backup, object by object",
    async () => (await import("./data/db/diff.ts")).dbDiff,
  ),
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
    "doctor",
    "looking",
    "Find what is wrong on the hosts: evidence, cause and fix",
    async () => (await import("./doctor/doctor.ts")).doctor,
  ),
  entry(
    "doctor explain",
    "looking",
    "Tell what a check looks at, why it matters and how it is mended",
    async () => (await import("./doctor/explain.ts")).explain,
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
    "init",
    "looking",
    "Write a first declaration of what runs on a host, or of the compose files here",
    async () => (await import("./scaffold/init.ts")).init,
  ),
  entry(
    "tls status",
    "edge",
    "Show the certificate of every route, at each of its addresses, and what is wrong with it",
    async () => (await import("./edge/tls/status.ts")).status,
  ),
  entry(
    "tls renew",
    "edge",
    "Renew certificates that are due, and show that the new ones are served",
    async () => (await import("./edge/tls/renew.ts")).renew,
  ),
  entry(
    "dns check",
    "edge",
    "Ask the responsible name servers for each domain, and hold that against its host",
    async () => (await import("./edge/dns-check.ts")).dnsCheck,
  ),
  entry(
    "dns update",
    "edge",
    "Set the records of the domains that lead elsewhere, and see that DNS has it",
    async () => (await import("./edge/dns-update.ts")).dnsUpdate,
  ),
  entry(
    "host status",
    "host",
    "Show a host: engine, memory, disks, clock, updates, and what runs on it",
    async () => (await import("./host/status.ts")).hostStatus,
  ),
  entry(
    "host disk",
    "host",
    "Show what fills a host's disks: images by app, build cache, logs, volumes, backups",
    async () => (await import("./host/disk.ts")).hostDisk,
  ),
  entry(
    "host prune",
    "host",
    "Free disk: superseded images of declared apps, old build cache, stale files of tend's",
    async () => (await import("./host/prune.ts")).hostPrune,
  ),
  entry(
    "host ports",
    "host",
    "Show who listens on which TCP port of a host, and which can be reached from outside",
    async () => (await import("./host/ports.ts")).hostPorts,
  ),
  entry(
    "host setup",
    "host",
    "Make a server ready: its proxies' networks, log rotation, clock, tend's own folder",
    async () => (await import("./host/setup.ts")).hostSetup,
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
  entry(
    "route list",
    "edge",
    "List which domain goes through which proxy to which service and port, and whether it answers",
    async () => (await import("./edge/list.ts")).routeList,
  ),
  entry(
    "route check",
    "edge",
    "Follow a request hop by hop, and name the first hop that fails",
    async () => (await import("./edge/check.ts")).routeCheck,
  ),
  entry(
    "route add",
    "edge",
    "Write what a proxy needs for a new domain, or say which lines go where",
    async () => (await import("./edge/add.ts")).routeAdd,
  ),
];

function entry(name: string, group: Entry["group"], summary: string, load: Entry["load"]): Entry {
  return { name, group, summary, load };
}
