import type { Check } from "../check.ts";
import { invalid, networkMissing, unset } from "./compose/files.ts";
import { orphan, undeclared } from "./compose/projects.ts";
import { drift, serviceMissing } from "./compose/services.ts";
import { healthLocalhost, healthNone, healthTool } from "./container/health.ts";
import { limits, logRotation, privileged, restartPolicy, runsAsRoot, socket } from "./container/settings.ts";
import { command, execFormat, portBusy, startFailed } from "./container/start.ts";
import { killed, oom, restartLoop } from "./container/stopped.ts";
import { unhealthy } from "./container/unhealthy.ts";
import { contractKept } from "./contract/kept.ts";
import { cgnat } from "./dns/cgnat.ts";
import { ddnsDown, ddnsFailed, ddnsStuck } from "./dns/ddns.ts";
import { mismatch, missing, staleAaaa } from "./dns/mismatch.ts";
import { disagree, lame } from "./dns/servers.ts";
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
import { floating, rollbackMissing, stale } from "./image/image.ts";
import { missing, rateLimited, refused } from "./registry/registry.ts";
import { secretMode } from "./secret/mode.ts";
import { secretTracked } from "./secret/tracked.ts";
import { drift } from "./tend/drift.ts";
import { lockDead, runIncomplete } from "./tend/run.ts";
import { stateBroken } from "./tend/state.ts";
import { unreachable, wrongAddress } from "./tls/acme-answers.ts";
import { rateLimited, refusal } from "./tls/acme-refusals.ts";
import { chain } from "./tls/chain.ts";
import { defaultCert } from "./tls/default-cert.ts";
import { expiry } from "./tls/expiry.ts";
import { refused } from "./tls/handshake.ts";
import { name } from "./tls/name.ts";
import { renewalOld, unscheduled } from "./tls/renewal.ts";
import { served } from "./tls/served.ts";
import { bindMasks, bindMissing, owner } from "./vol/binds.ts";
import { anonymous, postgresPath } from "./vol/volumes.ts";

/** Every check there is, by area. A new one is a file in its area's folder and a line here. */
export const checks: readonly Check[] = [
  // host
  reachable,
  diskSpace,
  engineDown,
  dockerAccess,
  engineVersion,
  dockerSnap,
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
  // container
  unhealthy,
  invalid,
  unset,
  serviceMissing,
  orphan,
  undeclared,
  networkMissing,
  restartLoop,
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
  floating,
  stale,
  rollbackMissing,
  anonymous,
  postgresPath,
  bindMissing,
  bindMasks,
  owner,
  // contract
  contractKept,
  // tls
  expiry,
  name,
  chain,
  served,
  defaultCert,
  refused,
  unreachable,
  wrongAddress,
  rateLimited,
  refusal,
  renewalOld,
  unscheduled,
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
  // secret
  secretMode,
  secretTracked,
  // tend
  runIncomplete,
  lockDead,
  stateBroken,
  drift,
];
