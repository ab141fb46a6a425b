import type { GapReport } from "../execute/gap.ts";
import type { Manifest } from "../model/manifest.ts";

/**
 * What happened, one JSON line each. `runs/ID/events.jsonl` on the host has the events of one run;
 * `journal.jsonl` has the first and last of every run, and the releases. Version 1.
 */
export type Event =
  | RunStart
  | { readonly v: 1; readonly at: string; readonly type: "step.start"; readonly run: string; readonly step: string }
  | StepEnd
  | {
      readonly v: 1;
      readonly at: string;
      readonly type: "segment.end";
      readonly run: string;
      readonly segment: number;
      readonly exit: number;
    }
  | RunEnd
  | ReleaseEvent
  | BackupEvent
  | DrillEvent
  | RestoreEvent;

export interface RunStart {
  readonly v: 1;
  readonly at: string;
  readonly type: "run.start";
  readonly run: string;
  readonly operation: string;
  readonly app: string;
  readonly title: string;
  readonly by: string;
}

export interface StepEnd {
  readonly v: 1;
  readonly at: string;
  readonly type: "step.end";
  readonly run: string;
  readonly step: string;
  /** `nothing`: its turn came, and it found that there was nothing to do. */
  readonly result: StepResult;
  readonly exit: number;
  /** Why there was nothing to do. */
  readonly note?: string;
}

export type StepResult = "done" | "skipped" | "nothing" | "failed";

export type RunResult = "done" | "failed" | "refused" | "interrupted" | "superseded";

export interface RunEnd {
  readonly v: 1;
  readonly at: string;
  readonly type: "run.end";
  readonly run: string;
  readonly app: string;
  readonly result: RunResult;
  /** One line: what it came to. */
  readonly text: string;
  readonly failure?: { readonly id: string; readonly title: string };
  readonly gap?: GapReport;
}

/** A state of an app that can be brought back. */
export interface ReleaseEvent {
  readonly v: 1;
  readonly at: string;
  readonly type: "release";
  readonly run: string;
  readonly app: string;
  readonly release: number;
  /** `found` is what ran before tend came, or what somebody did by hand. */
  readonly operation: "deploy" | "rollback" | "found" | "recreate";
  readonly by: string;
  /** The release whose state a rollback brought back. */
  readonly of?: number;
  readonly code?: { readonly commit: string; readonly branch?: string; readonly subject?: string };
  /** Image tags that the env file pinned. */
  readonly tags?: Readonly<Record<string, string>>;
  /** By compose service. */
  readonly images: Readonly<Record<string, ReleasedImage>>;
  /** Compose's own hash of each service's resolved configuration. */
  readonly configs: Readonly<Record<string, string>>;
  /** sha256 over the env files; never a value. */
  readonly env: string;
  readonly gap?: GapReport;
  /** The migration that the databases were at once it was live. */
  readonly head?: string;
  /** By database: the fingerprint of its schema then. */
  readonly schemas?: Readonly<Record<string, string>>;
  /** By database: the backup that was taken before anything could migrate it. */
  readonly backups?: Readonly<Record<string, string>>;
}

/** A backup was made, and read back. The catalogue doesn't rest on it: `status` does. */
export interface BackupEvent {
  readonly v: 1;
  readonly at: string;
  readonly type: "backup";
  readonly run: string;
  readonly to: readonly string[];
  readonly backup: Omit<Manifest, "verified">;
}

/** A backup was restored into a scratch database, and everything in it was as the manifest says. */
export interface DrillEvent {
  readonly v: 1;
  readonly at: string;
  readonly type: "drill";
  readonly run: string;
  readonly subject: string;
  readonly backup: string;
  readonly seconds: number;
}

/** A database was replaced; what it was before is kept under another name. */
export interface RestoreEvent {
  readonly v: 1;
  readonly at: string;
  readonly type: "restore";
  readonly run: string;
  readonly subject: string;
  /** The backup that it came from; an undo has none. */
  readonly backup?: string;
  /** What the data before it is called now: a database, or a file. */
  readonly former: string;
}

export interface ReleasedImage {
  readonly ref: string;
  readonly id: string;
  /** As registries know it: `repo@sha256:…`; empty for an image that was built here. */
  readonly digests: readonly string[];
}
