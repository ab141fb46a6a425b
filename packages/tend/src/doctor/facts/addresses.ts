import { type Interfaces, interfacesScript, readInterfaces } from "../../dns/addresses.ts";
import { hostPart, Unmeasured } from "./part.ts";

/** The addresses that the host has on its own interfaces. */
export const addresses = hostPart<Interfaces>({
  script: () => interfacesScript,
  read: ({ stdout, stderr }) => {
    const seen = readInterfaces(stdout);
    if (seen.addresses.length === 0)
      throw new Unmeasured(`the host names none of its addresses${stderr ? `: ${stderr.trim()}` : ""}`);
    return seen;
  },
});
