import type { Log } from "./log.ts";

/**
 * Failures on demand, for tests and for learning what a bad release looks like. They come from the environment, so an
 * image can carry one (`ENV FAIL_START=…` in the Dockerfile, or a build argument) and the compose file stays as it is.
 */
export function failsToStart(env: NodeJS.ProcessEnv, log: Log): boolean {
  if (!env.FAIL_START) return false;
  log.error("startup_failed", { error: env.FAIL_START });
  // Real failures drag others behind them; whoever reads the last line only is misled.
  log.error("shutdown_incomplete", { error: "InterfaceError: the connection pool was never opened" });
  return true;
}

export function isUnhealthy(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.UNHEALTHY) && env.UNHEALTHY !== "0";
}
