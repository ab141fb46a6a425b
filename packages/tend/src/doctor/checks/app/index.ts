import type { Check } from "../../check.ts";
import { deprecated } from "./deprecated.ts";
import { error } from "./error.ts";
import { migrations } from "./migrations.ts";
import { envMissing, libraryMismatch, moduleMissing, revisionUnknown } from "./start.ts";
import { tablesMissing } from "./tables.ts";

export const appChecks: readonly Check[] = [
  revisionUnknown,
  migrations,
  tablesMissing,
  moduleMissing,
  libraryMismatch,
  envMissing,
  error,
  deprecated,
];
