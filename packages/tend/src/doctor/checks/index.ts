import type { Check } from "../check.ts";
import { unhealthy } from "./container/unhealthy.ts";
import { diskLogs } from "./host/disk-logs.ts";
import { diskSpace } from "./host/disk-space.ts";
import { dockerAccess, dockerSnap, engineDown, engineVersion } from "./host/engine.ts";
import { memoryLow, memoryOom } from "./host/memory.ts";
import { mtu } from "./host/mtu.ts";
import { portBusy } from "./host/port-busy.ts";
import { reachable } from "./host/reachable.ts";
import { sshExposure } from "./host/ssh-exposure.ts";
import { timeSync } from "./host/time-sync.ts";
import { timerStale, unitFailed } from "./host/units.ts";
import { rebootPending, securityUpdates } from "./host/upkeep.ts";
import { secretMode } from "./secret/mode.ts";
import { secretTracked } from "./secret/tracked.ts";
import { drift } from "./tend/drift.ts";
import { lockDead, runIncomplete } from "./tend/run.ts";
import { stateBroken } from "./tend/state.ts";

/** Every check there is, by area. A new one is a file in its area's folder and a line here. */
export const checks: readonly Check[] = [
  // host
  reachable,
  engineDown,
  dockerAccess,
  engineVersion,
  dockerSnap,
  diskSpace,
  diskLogs,
  memoryLow,
  memoryOom,
  timeSync,
  rebootPending,
  securityUpdates,
  unitFailed,
  timerStale,
  sshExposure,
  portBusy,
  mtu,
  // secret
  secretMode,
  secretTracked,
  // tend
  runIncomplete,
  lockDead,
  stateBroken,
  drift,
  // container
  unhealthy,
];
