import type { Check } from "../../check.ts";
import { floating, rollbackMissing, stale } from "./image.ts";

export const imageChecks: readonly Check[] = [floating, stale, rollbackMissing];
