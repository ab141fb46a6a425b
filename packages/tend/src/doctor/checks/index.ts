import type { Check } from "../check.ts";
import { unhealthy } from "./container/unhealthy.ts";
import { cgnat } from "./dns/cgnat.ts";
import { ddnsDown, ddnsFailed, ddnsStuck } from "./dns/ddns.ts";
import { mismatch, missing, staleAaaa } from "./dns/mismatch.ts";
import { disagree, lame } from "./dns/servers.ts";
import { diskSpace } from "./host/disk-space.ts";
import { reachable } from "./host/reachable.ts";

/** Every check there is, by area. A new one is a file in its area's folder and a line here. */
export const checks: readonly Check[] = [
  // host
  reachable,
  diskSpace,
  // container
  unhealthy,
  // dns
  mismatch,
  missing,
  staleAaaa,
  disagree,
  lame,
  cgnat,
  ddnsFailed,
  ddnsStuck,
  ddnsDown,
];
