import type { Check } from "../../check.ts";
import { healthLocalhost, healthNone, healthTool } from "./health.ts";
import { limits, logRotation, privileged, restartPolicy, runsAsRoot, socket } from "./settings.ts";
import { command, execFormat, portBusy, startFailed } from "./start.ts";
import { killed, oom, restartLoop } from "./stopped.ts";
import { unhealthy } from "./unhealthy.ts";

export const containerChecks: readonly Check[] = [
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
];
