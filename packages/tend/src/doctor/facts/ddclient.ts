import { type DdclientSeen, ddclientScript, readDdclient } from "../../dns/ddclient.ts";
import { hostPart } from "./part.ts";

/** ddclient, where the host has it: whether it runs, and what it remembers. */
export const ddclient = hostPart<DdclientSeen>({
  script: () => ddclientScript,
  read: ({ stdout }) => readDdclient(stdout),
});
