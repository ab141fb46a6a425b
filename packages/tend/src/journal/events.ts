import type { GapReport } from "../execute/gap.ts";

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
  | ReleaseEvent;

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
  readonly result: "done" | "skipped" | "failed";
  readonly exit: number;
}

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
}

export interface ReleasedImage {
  readonly ref: string;
  readonly id: string;
  /** As registries know it: `repo@sha256:…`; empty for an image that was built here. */
  readonly digests: readonly string[];
}
