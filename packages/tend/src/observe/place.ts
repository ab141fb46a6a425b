import { posix } from "node:path";
import type { App, Host } from "../model/fleet.ts";
import { lines, remotePath, type Script, sh } from "../transport/argv.ts";

/** The app's name in tend's own files on its host: its environment is part of it. */
export function appKey(app: App): string {
  return app.environment ? `${app.name}.${app.environment}` : app.name;
}

/** Where tend keeps its files on a host, as shell. */
export function stateFolder(host: Host): Script {
  return remotePath(host.state ?? "~/.local/state/tend");
}

/**
 * What every script on a host starts with. Docker is found where it is: on the PATH that the user's own shell has,
 * or in the places where distributions, snap and Docker Desktop put it; messages come in English, as tend reads them.
 */
export function prelude(host: Host): Script {
  const declared = host.docker?.replace(/\/[^/]*$/, "");
  return lines([
    declared ? sh`PATH=${declared}:"$PATH"` : sh`PATH="$PATH":/usr/local/bin:/usr/bin:/bin:/snap/bin:/usr/sbin`,
    sh`export PATH LC_ALL=C`,
  ]);
}

/** The env files that an app is configured with, or would be if they were there; relative to its folder. */
export function envFiles(app: App): readonly string[] {
  if (app.envFiles.length > 0) return app.envFiles;
  return [...new Set([posix.join(projectFolder(app), ".env"), ".env"])];
}

/** The folder that Compose takes relative paths and `.env` from: that of the first compose file. */
export function projectFolder(app: App): string {
  return app.compose[0] ? posix.dirname(app.compose[0]) : ".";
}

/** A digest of what must not change between a plan and its execution: the code, the files, the app's own journal. */
export function basisScript(host: Host, app: App): Script {
  return sh`( cd ${remotePath(app.path)} 2>/dev/null && { git rev-parse HEAD 2>/dev/null; cat ${[...app.compose, ...envFiles(app)]} 2>/dev/null; }
tail -n 1 ${stateFolder(host)}/apps/${appKey(app)}/journal.jsonl 2>/dev/null ) | sha256sum | cut -d ' ' -f 1`;
}
