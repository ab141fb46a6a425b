import { command } from "../../transport/argv.ts";
import type { ProxyRules } from "../proxy.ts";

/**
 * nginx-proxy adds a container when it starts, before it listens, and never reads its health; nginx then bars that
 * peer for 10 s after the first error (fail_timeout's default). Going on sooner takes the old one away while the new
 * one is barred: measured, that is worse than no surge at all. So each step waits the bar out.
 */
const pastTheBar = command(["sleep", "11"]);

export const nginxProxy: ProxyRules = {
  kind: "nginx-proxy",
  overlay: () => ({ aliases: [] }),
  toSurge: () => [pastTheBar],
  retireOld: () => [],
  toMain: () => [pastTheBar],
  afterSurge: () => [],
};
