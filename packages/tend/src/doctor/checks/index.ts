import type { Check } from "../check.ts";
import { invalid, networkMissing, unset } from "./compose/files.ts";
import { orphan, undeclared } from "./compose/projects.ts";
import { drift, serviceMissing } from "./compose/services.ts";
import { healthLocalhost, healthNone, healthTool } from "./container/health.ts";
import { limits, logRotation, privileged, restartPolicy, runsAsRoot, socket } from "./container/settings.ts";
import { command, execFormat, portBusy, startFailed } from "./container/start.ts";
import { killed, oom, restartLoop } from "./container/stopped.ts";
import { unhealthy } from "./container/unhealthy.ts";
import { diskSpace } from "./host/disk-space.ts";
import { reachable } from "./host/reachable.ts";
import { floating, rollbackMissing, stale } from "./image/image.ts";
import { missing, rateLimited, refused } from "./registry/registry.ts";
import { bindMasks, bindMissing, owner } from "./vol/binds.ts";
import { anonymous, postgresPath } from "./vol/volumes.ts";

/** Every check there is, by area. A new one is a file in its area's folder and a line here. */
export const checks: readonly Check[] = [
  // host
  reachable,
  diskSpace,
  // container
  invalid,
  unset,
  drift,
  serviceMissing,
  orphan,
  undeclared,
  networkMissing,
  restartLoop,
  unhealthy,
  healthTool,
  healthLocalhost,
  healthNone,
  restartPolicy,
  logRotation,
  socket,
  privileged,
  runsAsRoot,
  limits,
  oom,
  killed,
  startFailed,
  execFormat,
  command,
  portBusy,
  floating,
  stale,
  rollbackMissing,
  refused,
  missing,
  rateLimited,
  anonymous,
  postgresPath,
  bindMissing,
  bindMasks,
  owner,
];
