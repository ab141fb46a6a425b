import type { Host } from "../model/fleet.ts";
import { LocalTransport } from "./local.ts";
import { openSsh } from "./ssh.ts";
import type { Transport } from "./transport.ts";

/** Reaches a host; throws `host.unreachable`. Close it at the end. */
export async function openTransport(host: Host): Promise<Transport> {
  return host.reach.kind === "local" ? new LocalTransport(host.name) : openSsh(host.name, host.reach.aliases);
}
