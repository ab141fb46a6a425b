import type { Subject, SubjectKind } from "../model/data.ts";
import type { Manifest } from "../model/manifest.ts";
import type { Probe } from "../observe/observe.ts";
import type { HostAction, Step, StoreAction, Undo } from "../plan/plan.ts";
import type { Script } from "../transport/argv.ts";

/** An app's containers, as far as what they keep is concerned. */
export interface Keepers {
  /** Compose's project, which is in front of the names of its volumes. */
  readonly project?: string;
  /** Names of containers of the app that may have the files mounted, the likeliest first. */
  readonly containers: readonly string[];
  /** An image of the app, for where a file can be reached by a container alone. */
  readonly image?: string;
  /** What temporary things are named after. */
  readonly run: string;
}

/**
 * How one kind of thing is copied, told apart and brought back, as scripts for its host. Each kind is one folder here
 * and one line in index.ts.
 */
export interface Engine<S extends Subject = Subject, F = unknown> {
  readonly kind: SubjectKind;
  /** What the payload's file is called. */
  readonly payload: string;
  /**
   * Writes the payload to stdout and the lines of about.jsonl to descriptor 3, both of one moment. Ends 0 only when both
   * are complete; `NOTHING_YET` where there is nothing to copy; says `error: …` on stderr otherwise.
   */
  take(subject: S, keepers: Keepers): Script;
  /** The same of what a stopped app has left, where no tool is there that can read it while the app runs. */
  takeStopped?(subject: S, keepers: Keepers): Script;
  /** Reads a payload from stdin, all of it, and ends 0 if it is whole. */
  check(subject: S, keepers: Keepers): Script;
  /** Prints the lines of its schema's objects, as `take` tells of them. Files have none. */
  schema?(subject: S, keepers: Keepers): Script;
  /** Questions whose answers `replace` stands on. */
  look(subject: S, keepers: Keepers): Probe<F>;
  /** Throws a `refused` failure for what stands in the way of bringing that backup in. */
  refuse(subject: S, facts: F, incoming: Incoming): void;
  /** The steps that put other data in the place of what is live. */
  replace(subject: S, facts: F, input: Replacing): Replacement;
  /** The steps that restore a backup beside what is live, hold it against its manifest, and take it away again. */
  drill(subject: S, facts: F, input: Drilling): { readonly steps: readonly Step[]; readonly undo: readonly Undo[] };
}

/** A backup on its way in. */
export interface Incoming {
  readonly manifest: Manifest;
  /** The lines of its about.jsonl, as far as they matter here: roles, extensions, settings. */
  readonly about: string;
  /** Has a file of it read by a script on the host, in clear, wherever it is kept. */
  bring(file: string, into: Script): HostAction | StoreAction;
}

export interface Replacing {
  readonly keepers: Keepers;
  /** The run's folder on the host. */
  readonly folder: string;
  /** Without one, what an earlier restore has put aside comes back: this is what it is called. */
  readonly incoming?: Incoming;
  readonly former?: string;
  /** What the journal says that restores have put aside. What it doesn't know may be all that is left of somebody's data. */
  readonly recorded: readonly string[];
  /** Nothing comes in at all: an empty one takes its place. */
  readonly empty?: boolean;
}

export type Drilling = Pick<Replacing, "keepers" | "folder"> & { readonly incoming: Incoming };

export interface Replacement {
  /** What the data that is live now will be called. */
  readonly former: string;
  /** Before even the backup of what is live. */
  readonly first?: readonly Step[];
  /** While the app serves: the other data is made ready, and compared. */
  readonly prepare: readonly Step[];
  /** While the app is stopped. */
  readonly swap: readonly Step[];
  /** Once the app runs on it. */
  readonly finish: readonly Step[];
  readonly undo: readonly Undo[];
  /** The app's containers have kept what isn't so any more: they are made anew. */
  readonly renew: boolean;
}
