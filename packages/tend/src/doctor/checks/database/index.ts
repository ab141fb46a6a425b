import type { Check } from "../../check.ts";
import { auth } from "./auth.ts";
import { down } from "./down.ts";
import { loadFailed } from "./load.ts";
import { majorMismatch } from "./major-mismatch.ts";
import { missing as databaseMissing, extensionMissing, shut } from "./missing.ts";
import { publicPort } from "./public-port.ts";
import { archiving, collation, connections } from "./server.ts";
import { slotConflict, slotInactive, slotWal } from "./slots.ts";
import { sqliteAccess, sqliteIntegrity, sqliteMissing, sqliteWal } from "./sqlite.ts";

export const databaseChecks: readonly Check[] = [
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
  loadFailed,
  slotConflict,
  slotInactive,
  slotWal,
  sqliteMissing,
  sqliteIntegrity,
  sqliteAccess,
  sqliteWal,
];
