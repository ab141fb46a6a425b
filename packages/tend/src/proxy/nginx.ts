import { command, type Script } from "../transport/argv.ts";
import type { ProxyRules, Swapping } from "./proxy.ts";

const reload = (swap: Swapping): Script => command(["docker", "exec", swap.proxy.container, "nginx", "-s", "reload"]);
/** The old workers take no more connections well within a second after a reload. */
const settle = command(["sleep", "1"]);

/**
 * Plain nginx resolves a name when it loads its configuration, and passes on to the next address what one refuses.
 * The surge bears the service's and the container's name beside the real one, so a reload finds both; what is
 * stopped is forgotten by the next reload, at once, lest nginx waits for an address that nobody has any more.
 */
export const nginx: ProxyRules = {
  kind: "nginx",
  overlay: (swap) => ({ aliases: [swap.container] }),
  toSurge: (swap) => [reload(swap), settle],
  retireOld: (swap) => [command(["docker", "stop", "--time", String(swap.drain), swap.old]), reload(swap)],
  toMain: (swap) => [reload(swap), settle],
  afterSurge: (swap) => [reload(swap)],
};
