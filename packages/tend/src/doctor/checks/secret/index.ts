import type { Check } from "../../check.ts";
import { secretMode } from "./mode.ts";
import { secretTracked } from "./tracked.ts";

export const secretChecks: readonly Check[] = [secretMode, secretTracked];
