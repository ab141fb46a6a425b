import type { Check } from "../../check.ts";
import { drift } from "./drift.ts";
import { lockDead, runIncomplete } from "./run.ts";
import { stateBroken } from "./state.ts";

export const tendChecks: readonly Check[] = [runIncomplete, lockDead, stateBroken, drift];
