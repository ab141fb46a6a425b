import type { Check } from "../../check.ts";
import { missing, rateLimited, refused } from "./registry.ts";

export const registryChecks: readonly Check[] = [refused, missing, rateLimited];
