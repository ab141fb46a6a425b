import type { Check } from "../check.ts";
import { error } from "./app/error.ts";
import { migrations } from "./app/migrations.ts";
import { envMissing, libraryMismatch, moduleMissing, revisionUnknown } from "./app/start.ts";
import { tablesMissing } from "./app/tables.ts";
import { broken, destination, offsite } from "./backup/places.ts";
import { missing as backupMissing, size, stale, unproven } from "./backup/standing.ts";
import { unhealthy } from "./container/unhealthy.ts";
import { auth } from "./database/auth.ts";
import { down } from "./database/down.ts";
import { majorMismatch } from "./database/major-mismatch.ts";
import { missing as databaseMissing, extensionMissing, shut } from "./database/missing.ts";
import { publicPort } from "./database/public-port.ts";
import { archiving, collation, connections } from "./database/server.ts";
import { slotConflict, slotInactive, slotWal } from "./database/slots.ts";
import { sqliteAccess, sqliteIntegrity, sqliteMissing, sqliteWal } from "./database/sqlite.ts";
import { diskSpace } from "./host/disk-space.ts";
import { reachable } from "./host/reachable.ts";

/** Every check there is, by area. A new one is a file in its area's folder and a line here. */
export const checks: readonly Check[] = [
  // host
  reachable,
  diskSpace,
  // container
  unhealthy,
  // data
  majorMismatch,
  down,
  publicPort,
  databaseMissing,
  shut,
  auth,
  extensionMissing,
  connections,
  collation,
  archiving,
  slotConflict,
  slotInactive,
  slotWal,
  sqliteMissing,
  sqliteIntegrity,
  sqliteAccess,
  sqliteWal,
  destination,
  backupMissing,
  stale,
  size,
  broken,
  offsite,
  unproven,
  revisionUnknown,
  migrations,
  tablesMissing,
  moduleMissing,
  libraryMismatch,
  envMissing,
  error,
];
