import type { Check } from "../check.ts";
import { appChecks } from "./app/index.ts";
import { backupChecks } from "./backup/index.ts";
import { composeChecks } from "./compose/index.ts";
import { containerChecks } from "./container/index.ts";
import { contractChecks } from "./contract/index.ts";
import { databaseChecks } from "./database/index.ts";
import { dnsChecks } from "./dns/index.ts";
import { hostChecks } from "./host/index.ts";
import { imageChecks } from "./image/index.ts";
import { proxyChecks } from "./proxy/index.ts";
import { registryChecks } from "./registry/index.ts";
import { routeChecks } from "./route/index.ts";
import { secretChecks } from "./secret/index.ts";
import { tendChecks } from "./tend/index.ts";
import { tlsChecks } from "./tls/index.ts";
import { volumeChecks } from "./vol/index.ts";

/** Every check there is. A new one is a file in its area's folder, and a line in that folder's index. */
export const checks: readonly Check[] = [
  ...hostChecks,
  ...composeChecks,
  ...containerChecks,
  ...imageChecks,
  ...registryChecks,
  ...volumeChecks,
  ...proxyChecks,
  ...routeChecks,
  ...tlsChecks,
  ...dnsChecks,
  ...databaseChecks,
  ...backupChecks,
  ...appChecks,
  ...secretChecks,
  ...tendChecks,
  ...contractChecks,
];
