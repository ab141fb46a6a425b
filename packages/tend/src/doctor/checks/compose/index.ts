import type { Check } from "../../check.ts";
import { invalid, networkMissing, unset } from "./files.ts";
import { orphan, undeclared } from "./projects.ts";
import { drift, serviceMissing } from "./services.ts";

export const composeChecks: readonly Check[] = [invalid, unset, drift, serviceMissing, orphan, undeclared, networkMissing];
