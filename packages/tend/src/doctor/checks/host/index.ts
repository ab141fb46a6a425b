import type { Check } from "../../check.ts";
import { diskLogs } from "./disk-logs.ts";
import { diskSpace } from "./disk-space.ts";
import { dockerAccess, dockerSnap, engineDown, engineVersion } from "./engine.ts";
import { memoryLow, memoryOom } from "./memory.ts";
import { mtu } from "./mtu.ts";
import { portBusy } from "./port-busy.ts";
import { reachable } from "./reachable.ts";
import { sshExposure } from "./ssh-exposure.ts";
import { timeSync } from "./time-sync.ts";
import { timerStale, unitFailed } from "./units.ts";
import { rebootPending, securityUpdates } from "./upkeep.ts";

export const hostChecks: readonly Check[] = [
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
];
