import type { Check } from "../../check.ts";
import { contractKept } from "./kept.ts";

export const contractChecks: readonly Check[] = [contractKept];
