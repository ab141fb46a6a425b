import { existsSync } from "node:fs";
import { dirname, join, posix, relative, resolve } from "node:path";
import { chosenFiles, chosenProfiles } from "../compose-files/chosen.ts";
import { Unreadable } from "../compose-files/document.ts";
import { type ReadFile, readComposeFiles, reader, variablesOf } from "../compose-files/files.ts";
import type { Variables } from "../compose-files/interpolate.ts";
import { projectOf } from "../compose-files/names.ts";
import type { Contract } from "../model/contract.ts";
import type { App, Fleet } from "../model/fleet.ts";
import { envFiles, projectFolder } from "../observe/place.ts";
import { knownByDockerfile } from "./images.ts";
import { byName, type Judgement, judgeContract } from "./judge.ts";
import { resolveFiles } from "./resolve.ts";
import type { ComposedService } from "./service.ts";

/** Why an app could not be judged. */
export interface Unread {
  readonly unread: string;
}

/**
 * Judges the compose files beside the declaration. Neither Docker nor a host is asked, so that it comes to the same
 * everywhere: what only they know is said to be unknown.
 */
export function judgeHere(fleet: Fleet, app: App, contract: Contract, cwd: string): Judgement | Unread {
  const local = fleet.hosts.get(app.host)?.reach.kind === "local";
  const folders = [...(local ? [resolve(app.path)] : []), dirname(fleet.file)];
  const found = folders.map((folder) => ({ folder, files: filesIn(folder, app) })).find(({ files }) => files.length > 0);
  const looked = app.compose[0] ?? "a compose file";
  if (!found) return { unread: `${looked} isn't here: looked in ${folders.join(" and ")}` };
  const read = reader(found.folder);
  try {
    const variables = variablesIn(app, read);
    const files = readComposeFiles({ files: found.files, variables, read });
    if (files.troubles[0] !== undefined) return { unread: files.troubles[0] };
    const composed = resolveFiles(files, {
      project: app.project ?? projectOf(files, variables, posix.join(app.path, projectFolder(app))),
      profiles: app.profiles.length > 0 ? app.profiles : chosenProfiles(variables),
    });
    const judged = judgeContract({ fleet, app, contract, files, composed, image: (service) => imageOf(service, read) });
    const shown = (file: string) => relative(cwd, join(found.folder, file));
    return {
      ...judged,
      files: judged.files.map(shown),
      breaches: judged.breaches.map((breach) => ({ ...breach, file: shown(breach.file) })),
    };
  } catch (error) {
    if (error instanceof Unreadable) return { unread: error.message };
    throw error;
  }
}

function filesIn(folder: string, app: App): readonly string[] {
  const isThere = (file: string) => existsSync(join(folder, file));
  if (app.compose.length === 0) return chosenFiles(isThere, variablesIn(app, reader(folder)));
  return app.compose.every(isThere) ? app.compose : [];
}

/** The last env file that is given counts; of those that Compose looks for by itself, the nearest to the compose file. */
function variablesIn(app: App, read: ReadFile): Variables {
  return variablesOf((app.envFiles.length > 0 ? app.envFiles : envFiles(app).toReversed()).map(read));
}

function imageOf(service: ComposedService, read: ReadFile) {
  const { build } = service;
  if (!build) return byName(service);
  if (build.target !== undefined) return {};
  const dockerfile = build.inline ?? read(join(build.context, build.dockerfile));
  return dockerfile === undefined ? {} : knownByDockerfile(dockerfile);
}
