import type { Check } from "../../check.ts";
import { cgnat } from "./cgnat.ts";
import { ddnsDown, ddnsFailed, ddnsStuck } from "./ddns.ts";
import { mismatch, missing, staleAaaa } from "./mismatch.ts";
import { disagree, lame } from "./servers.ts";

export const dnsChecks: readonly Check[] = [mismatch, missing, staleAaaa, disagree, lame, cgnat, ddnsFailed, ddnsStuck, ddnsDown];
