import type { ExitName } from "../model/failure.ts";

export interface KnownError {
  readonly exit: ExitName;
  /** What is so when it is reported. */
  readonly means: string;
}

/**
 * Every id that an error can have, for scripts and for looking things up. An id is never given another meaning.
 * errors.test.ts holds it against the source: an id that is missing here, or that nothing reports any more, fails.
 */
export const ERRORS: Readonly<Record<string, KnownError>> = {
  "address.unreachable": { exit: "unreachable", means: "the host answers, but can't connect to the address that was asked for" },
  "backup.about": { exit: "failed", means: "the description of a backup, about.jsonl, can't be read" },
  "backup.broken": {
    exit: "refused",
    means: "a backup isn't whole: what is kept isn't what its manifest says; failed, when it was found while it was written",
  },
  "backup.failed": {
    exit: "failed",
    means: "a database or files could not be backed up; there is no new backup, and the others are as they were",
  },
  "backup.nothing": { exit: "refused", means: "the app declares no databases and no files" },
  "backup.unknown": {
    exit: "refused",
    means: "there is no such backup, or several that the name could mean; the newest ones are listed",
  },
  "backup.worthless": { exit: "failed", means: "the tools ended well, but what they wrote can't be a backup" },
  "build.failed": { exit: "failed", means: "an image can't be built; the evidence has the builder's first errors" },
  "build.nothing": { exit: "refused", means: "the app has nothing to build" },
  "code.checkout": { exit: "refused", means: "the app's folder is no git checkout, and the source is `git`" },
  "code.dirty": {
    exit: "refused",
    means: "tracked files differ from the commit that is checked out; they are listed, and never reset",
  },
  "code.diverged": { exit: "refused", means: "the checkout has commits that the branch at origin hasn't" },
  "code.gone": { exit: "failed", means: "the commit of an older release is not in the checkout any more" },
  "code.target": { exit: "refused", means: "the branch, tag or commit to deploy was not found at origin or in the checkout" },
  "code.unpack": { exit: "failed", means: "the code of a commit can't be copied into a release's folder (`process` runtime)" },
  "compose.config": { exit: "refused", means: "`docker compose config` refuses the app's files" },
  "compose.missing": { exit: "refused", means: "Docker is there, Compose v2 is not" },
  "compose.service": { exit: "refused", means: "a declared service is not in the compose files" },
  config: { exit: "usage", means: "the declaration is missing, can't be read or has mistakes; each is shown with its line" },
  "database.copy": { exit: "failed", means: "a scratch copy of a database could not be made" },
  "database.create": { exit: "failed", means: "a database, or one of its extensions, could not be created" },
  "database.kind": { exit: "refused", means: "the operation is for another kind of database" },
  "database.query": { exit: "failed", means: "the database refused a statement; it was one transaction" },
  "database.unreachable": {
    exit: "refused",
    means: "a database can't be asked: its container isn't running, its file can't be reached",
  },
  "destination.denied": { exit: "failed", means: "a place that keeps backups refused the access" },
  "destination.failed": { exit: "failed", means: "a place that keeps backups failed in a way that has no id of its own" },
  "destination.full": { exit: "failed", means: "a place that keeps backups has no room left" },
  "destination.unreachable": { exit: "unreachable", means: "a place that keeps backups doesn't answer" },
  "disk.full": { exit: "refused", means: "a disk is full: refused with little room left, failed when it filled up meanwhile" },
  "dns.nobody": {
    exit: "refused",
    means: "tend can't mend what is wrong with a domain's records: nobody is declared who keeps its zone, say",
  },
  "dns.refused": { exit: "failed", means: "whoever keeps a zone refused to change a record" },
  "dns.secret": {
    exit: "refused",
    means: "a password or key for changing records isn't there, can't be read, or others may read it",
  },
  "dns.unchanged": { exit: "failed", means: "a record was set, and the name servers don't all say so in time" },
  "dns.unknown": {
    exit: "refused",
    means: "how a name stands can't be told: no name server answers, or where the world reaches its host isn't known",
  },
  "dns.unreachable": { exit: "unreachable", means: "whoever keeps a zone doesn't answer" },
  "docker.unreachable": { exit: "unreachable", means: "Docker was not found on the host, or its daemon doesn't answer" },
  "env.unset": { exit: "refused", means: "a variable that the compose files use is not set" },
  "host.state": { exit: "failed", means: "the run's files can't be written on the host" },
  "host.unreachable": { exit: "unreachable", means: "none of the host's ssh names answers; each is listed with what ssh said" },
  "init.exists": { exit: "refused", means: "there is a declaration already, and `init` writes over none without --force" },
  "init.nothing": {
    exit: "refused",
    means: "`init` was asked for the compose files of a folder that has none, or none with a service that can be read",
  },
  "migrate.failed": {
    exit: "failed",
    means: "a migration failed; the release that was serving serves on, and the backup before it is named",
  },
  "migrate.nothing": { exit: "refused", means: "the app declares no migrations, or migrates by itself" },
  "network.missing": { exit: "refused", means: "an external network of the compose files is not on the host" },
  "plan.stale": { exit: "refused", means: "the host changed between the look and the lock, three times in a row" },
  "plan.unconfirmed": { exit: "approval", means: "a severe plan asks for a name, and nobody has said it" },
  "port.busy": { exit: "failed", means: "something else holds a port; refused, where that is known before anything changes" },
  "process.command": { exit: "refused", means: "a service's program was not found on the host (`process` runtime)" },
  "process.host": {
    exit: "refused",
    means: "the host can't keep processes: no Linux, or no Node 20 or newer (`process` runtime)",
  },
  "registry.denied": { exit: "refused", means: "a registry refused the host's login" },
  "registry.limit": { exit: "refused", means: "a registry's limit for anonymous pulls is reached" },
  "registry.pull": { exit: "refused", means: "an image can't be pulled, for a reason that tend doesn't know" },
  "registry.push": { exit: "failed", means: "the registry didn't take an image" },
  "registry.tag-missing": { exit: "refused", means: "a registry has no such tag" },
  "registry.unreachable": { exit: "refused", means: "a registry doesn't answer the host" },
  "release.gone": { exit: "refused", means: "a release's folder is no longer kept (`process` runtime)" },
  "release.images-gone": {
    exit: "refused",
    means: "the images of a release are neither kept nor to be had again; failed, when it was a build",
  },
  "release.none": { exit: "refused", means: "there is no release to start: the app has not been deployed (`process` runtime)" },
  "release.unhealthy": {
    exit: "failed",
    means: "a new container or process did not become healthy in time, or died; the evidence has its log's first errors",
  },
  "release.unknown": { exit: "refused", means: "there is no such release, or it is the one that is live; the others are listed" },
  "release.unreachable": { exit: "failed", means: "the service is healthy, but its public address doesn't answer as it should" },
  "restore.differs": {
    exit: "failed",
    means: "what was restored is not what was backed up; it never took the live data's place",
  },
  "restore.extensions": { exit: "refused", means: "the server has no such extension" },
  "restore.failed": { exit: "failed", means: "a backup could not be restored; the live data is as it was" },
  "restore.none": { exit: "refused", means: "there is no restore to undo" },
  "restore.not-empty": { exit: "refused", means: "tables have rows already, and only rows were to be restored" },
  "restore.roles": { exit: "refused", means: "the server has no such role" },
  "restore.schema": {
    exit: "refused",
    means: "the schema isn't the backup's, and only rows were to be restored; each difference is named",
  },
  "restore.swap": { exit: "failed", means: "the restored data could not take the live data's place; that is as it was" },
  "restore.version": { exit: "refused", means: "the backup is of a newer server" },
  "rollback.no-backup": { exit: "refused", means: "no backup was taken while that release was live" },
  "rollback.schema": {
    exit: "refused",
    means: "migrations were applied since that release, and its code may not be able to live with them",
  },
  "route.refused": {
    exit: "failed",
    means:
      "a proxy can't be given a route: it refuses the file with it, which is taken away again; refused, where that was clear before",
  },
  "run.broken": { exit: "resumable", means: "what the host was at was killed in the middle, or the host was started anew" },
  "run.interrupted": { exit: "interrupted", means: "Ctrl-C, or SIGTERM to tend" },
  "run.left-alone": {
    exit: "resumable",
    means: "the connection could not be made again within a minute; the host finishes the part that it is at",
  },
  "run.locked": { exit: "locked", means: "another run holds the app's lock; it says whose" },
  "run.unknown": { exit: "refused", means: "the host has no files of that run, or not any more" },
  "seal.broken": { exit: "failed", means: "an encrypted file can't be opened to its end: it was changed or cut off" },
  "seal.identity": { exit: "refused", means: "a backup is encrypted, and no identity opens it" },
  "seal.recipient": { exit: "refused", means: "a recipient of the declaration is none that age knows" },
  "service.down": { exit: "refused", means: "a command needs a running container, and there is none" },
  "service.unhealthy": {
    exit: "failed",
    means: "a container that was started or restarted, or one that is needed, did not become healthy",
  },
  "step.failed": { exit: "failed", means: "a step failed in a way that has no id of its own; the evidence has its first errors" },
  "tend.bug": { exit: "failed", means: "a mistake in tend" },
  "tls.renewal": { exit: "failed", means: "a certificate could not be renewed; the one that was served is served on" },
  "tls.undeclared": {
    exit: "refused",
    means: "the declaration doesn't say what renews a proxy's certificates, or the proxy does it itself",
  },
  "tls.unreadable": { exit: "refused", means: "what a proxy has on disk can't be read: its container doesn't answer" },
  "transport.lost": { exit: "unreachable", means: "the connection broke in the middle of a question" },
  "transport.timeout": { exit: "failed", means: "the host didn't answer a question in time" },
  usage: { exit: "usage", means: "the command line can't be understood, or names something that isn't there" },
};
