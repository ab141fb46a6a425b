import type { Host } from "../../packages/tend/src/model/fleet.ts";
import { hostName } from "../../packages/tend/src/model/names.ts";

/** A declared host, in as few words as a test needs. */
export function host(reach: Host["reach"]): Host {
  const name = hostName.parse("box");
  if (!name) throw new Error("box is no host's name");
  return { name, reach };
}
