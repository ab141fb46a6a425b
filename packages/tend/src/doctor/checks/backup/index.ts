import type { Check } from "../../check.ts";
import { broken, destination, offsite } from "./places.ts";
import { missing as backupMissing, size, stale, unproven } from "./standing.ts";

export const backupChecks: readonly Check[] = [destination, backupMissing, stale, size, broken, offsite, unproven];
