/** Ids of checks that have the same consequences, for `follows`: a service suffers alike from any of them. */

/** The app's data can't be used as it expects. */
export const DATA_FAILS: readonly string[] = [
  "db.major.mismatch",
  "db.down",
  "db.missing",
  "db.shut",
  "db.auth",
  "db.connections",
  "db.extension.missing",
  "slot.conflict",
  "slot.wal",
  "sqlite.missing",
  "sqlite.integrity",
  "sqlite.access",
];

/** Its code can't run with what it finds. */
export const CODE_FAILS: readonly string[] = [
  "app.module.missing",
  "app.env.missing",
  "app.library.mismatch",
  "app.revision.unknown",
  "app.migrations",
  "app.tables.missing",
];

/** A container can't be started, or not for long, and it is known why. */
export const CANT_START: readonly string[] = [
  "ctr.start.failed",
  "ctr.command",
  "ctr.exec.format",
  "ctr.port.busy",
  "host.port.busy",
  "ctr.oom",
];

/** Its container doesn't come up, or doesn't stay. */
export const CONTAINER_FAILS: readonly string[] = [...CANT_START, "ctr.killed"];
