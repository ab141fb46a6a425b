import { command } from "../../transport/argv.ts";
import type { ProxyRules } from "../proxy.ts";

/**
 * Caddy resolves an upstream's name at every dial and tries each address that it gets until one connects. So the
 * surge bears the container's name as an alias; nothing needs to be reloaded, and connections that it keeps open
 * to a container end with it.
 */
const settle = command(["sleep", "1"]);

export const caddy: ProxyRules = {
  kind: "caddy",
  overlay: (swap) => ({ aliases: [swap.container] }),
  toSurge: () => [settle],
  retireOld: () => [],
  toMain: () => [settle],
  afterSurge: () => [],
};
