import type { Check } from "../../check.ts";
import { unreachable, wrongAddress } from "./acme-answers.ts";
import { rateLimited, refusal } from "./acme-refusals.ts";
import { chain } from "./chain.ts";
import { defaultCert } from "./default-cert.ts";
import { expiry } from "./expiry.ts";
import { refused } from "./handshake.ts";
import { name } from "./name.ts";
import { renewalOld, unscheduled } from "./renewal.ts";
import { served } from "./served.ts";

export const tlsChecks: readonly Check[] = [
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
];
