import { readFileSync } from "node:fs";

/** What this release calls itself: what the build said, else the VERSION file that is committed with the code. */
export function readVersion(env: NodeJS.ProcessEnv): string {
  return env.APP_VERSION || readFileSync(new URL("../VERSION", import.meta.url), "utf8").trim();
}
