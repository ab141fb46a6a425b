import type { Check } from "../../check.ts";
import { bindMasks, bindMissing, owner } from "./binds.ts";
import { anonymous, postgresPath } from "./volumes.ts";

export const volumeChecks: readonly Check[] = [anonymous, postgresPath, bindMissing, bindMasks, owner];
