import type { Incoming, Keepers } from "../database/engine.ts";
import { engineOf } from "../database/index.ts";
import { type Destination, destinationText, type Subject } from "../model/data.ts";
import type { Manifest, StoredFile } from "../model/manifest.ts";
import type { HostAction, Step, StoreAction } from "../plan/plan.ts";
import { exec } from "../plan/print.ts";
import type { Place } from "../runtime/runtime.ts";
import { type Script, sh } from "../transport/argv.ts";
import { hostFolder } from "./steps.ts";

/** One copy of a backup: what it says of itself, and where it is. */
export interface Source {
  readonly manifest: Manifest;
  readonly from: Destination;
}

/** What rests in clear on the app's own host is read there; everything else comes by way of here. */
function onHost(source: Source): string | undefined {
  return source.from.kind === "host" && !source.manifest.sealed ? source.from.folder : undefined;
}

export function incoming(place: Place, source: Source, about: string): Incoming {
  return { manifest: source.manifest, about, bring: (file, into) => bring(place, source, file, into) };
}

function bring(place: Place, source: Source, file: string, into: Script): HostAction | StoreAction {
  const { manifest, from } = source;
  const folder = onHost(source);
  if (folder !== undefined) return exec([sh`( ${into} ) <${hostFolder(place, folder)}/${manifest.name}/${file}`]);
  const stored = manifest.files[file] as StoredFile;
  return {
    kind: "fetch",
    from,
    app: manifest.app,
    backup: manifest.name,
    file,
    stored,
    identity: place.app.backups.identity,
    into,
  };
}

/** Before anything else: every byte of it, against its manifest, and the payload opened to its end. */
export function verifyStep(place: Place, source: Source, subject: Subject, keepers: Keepers): Step {
  const { manifest, from } = source;
  const folder = onHost(source);
  const engine = engineOf(subject);
  // A file that was copied plainly, where nothing could open it: its sum is the proof.
  const opens = subject.kind !== "sqlite" || manifest.tables !== undefined;
  const files = Object.entries(manifest.files).map(([file, { sha256 }]) => `${sha256}  ${file}`);
  return {
    id: `verify-${subject.name}`,
    title: `verify the backup of ${subject.name}`,
    because: "what is broken must be found before anything is stopped",
    effect: "reads",
    phase: "prepare",
    interruptible: true,
    action:
      folder === undefined
        ? { kind: "verify", from, manifest, identity: place.app.backups.identity }
        : exec([
            sh`cd ${hostFolder(place, folder)}/${manifest.name}`,
            sh`printf '%s\n' ${files} | sha256sum -c - >/dev/null || { echo 'error: a file of the backup is not what its manifest says'; exit 1; }`,
            ...(opens
              ? [
                  sh`( ${engine.check(subject, keepers)} ) <${engine.payload} || { echo 'error: the backup can not be opened to its end'; exit 1; }`,
                ]
              : []),
          ]),
    fails: {
      id: "backup.broken",
      exit: "refused",
      title: `${manifest.name} in ${destinationText(from)} is not whole`,
      help: `tend backups ${place.app.name} lists the others`,
    },
  };
}
