import type { Check } from "../check.ts";
import { unhealthy } from "./container/unhealthy.ts";
import { contractKept } from "./contract/kept.ts";
import { diskSpace } from "./host/disk-space.ts";
import { reachable } from "./host/reachable.ts";

/** Every check there is, by area. A new one is a file in its area's folder and a line here. */
export const checks: readonly Check[] = [
  // host
  reachable,
  diskSpace,
  // container
  unhealthy,
  // contract
  contractKept,
];
