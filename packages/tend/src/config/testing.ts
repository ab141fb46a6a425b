import type { App, Fleet } from "../model/fleet.ts";
import { ConfigFailure } from "./failure.ts";
import { parseFleet } from "./parse-fleet.ts";

/** For tests: what is wrong with a declaration. */
export function problemsOf(text: string): ConfigFailure {
  try {
    parseFleet(text, "/home/me/tend.yaml");
  } catch (error) {
    if (error instanceof ConfigFailure) return error;
    throw error;
  }
  throw new Error(`nothing is wrong with\n${text}`);
}

/** For tests: what an app has that declares nothing of it. */
export const keepsNothing: Pick<App, "databases" | "files" | "backups"> = {
  databases: [],
  files: [],
  backups: { to: [{ kind: "host", folder: "~/backups" }], keep: { kind: "all" }, recipients: [], stale: 26 * 3600 },
};

/** One app named `web` on a local host, with these lines below it. */
function fleetWith(appLines: string, environment?: string): Fleet {
  const indented = appLines.replace(/^(?=.)/gm, "    ");
  const head = "fleet: home\nhosts:\n  here: local\n  far: { ssh: far }\napps:\n  web:\n    host: here\n    path: .\n";
  return parseFleet(head + indented, "/home/me/tend.yaml", environment);
}

/** For tests: that app. */
export function appWith(appLines: string, environment?: string) {
  const [app] = fleetWith(appLines, environment).apps.values();
  if (!app) throw new Error("no app");
  return app;
}
