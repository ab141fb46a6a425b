import type { Check } from "./check.ts";
import { collisions } from "./collisions.ts";
import { paths } from "./paths.ts";
import { references } from "./references.ts";
import { runtimes } from "./runtimes.ts";

export const checks: readonly Check[] = [references, runtimes, paths, collisions];
