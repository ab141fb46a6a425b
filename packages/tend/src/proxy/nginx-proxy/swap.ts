import { type Script, sh } from "../../transport/argv.ts";
import type { ProxyRules, Swapping } from "../proxy.ts";

/**
 * nginx-proxy adds a container when it starts, before it listens, and never reads its health; nginx then bars that
 * peer for 10 s after the first error (fail_timeout's default). Going on sooner takes the old one away while the new
 * one is barred: measured, that is worse than no surge at all. New workers know of no bar, so nginx gets them before
 * each step, two seconds ahead: by then the former ones take no more requests. Where it can't be told, the bar is waited out.
 */
function unbar({ proxy }: Swapping): Script {
  return sh`if docker exec ${proxy.container} nginx -s reload; then sleep 2; else sleep 11; fi`;
}

export const nginxProxy: ProxyRules = {
  kind: "nginx-proxy",
  overlay: () => ({ aliases: [] }),
  toSurge: (swap) => [unbar(swap)],
  retireOld: () => [],
  toMain: (swap) => [unbar(swap)],
  afterSurge: () => [],
};
