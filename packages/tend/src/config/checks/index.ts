import type { Check } from "./check.ts";
import { collisions } from "./collisions.ts";
import { contracts } from "./contracts.ts";
import { destinations } from "./destinations.ts";
import { migrations } from "./migrations.ts";
import { paths } from "./paths.ts";
import { references } from "./references.ts";
import { runtimes } from "./runtimes.ts";
import { subjects } from "./subjects.ts";

export const checks: readonly Check[] = [references, runtimes, paths, collisions, subjects, migrations, destinations, contracts];
