import type { KeptStatus } from "../backup/standing.ts";
import type { Keepers } from "../database/engine.ts";
import type { ReleaseEvent } from "../journal/events.ts";
import type { History } from "../journal/releases.ts";
import type { App, Fleet, Host, RuntimeKind } from "../model/fleet.ts";
import type { Commit, GitRef, ImageTag, RunId, ServiceName } from "../model/names.ts";
import type { Answers, Probes } from "../observe/observe.ts";
import type { Plan } from "../plan/plan.ts";
import type { RestoreParts } from "../restore/parts.ts";
import type { Script } from "../transport/argv.ts";

/** An app where it stands: what a runtime needs to know before it asks the host anything. */
export interface Place {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly app: App;
}

/** What is wanted of the next release, where it isn't simply the newest. */
export interface Wanted {
  readonly ref?: GitRef | Commit;
  readonly tag?: ImageTag;
}

/**
 * What runs an app: `compose` on one host, or `process` with no engine at all. A runtime yields scripts and
 * understands their answers; it executes nothing. Both pass test/contracts/runtime.ts.
 */
export interface Runtime {
  readonly kind: RuntimeKind;
  /** What to ask so that the app can be operated on, and how the answers become a situation. */
  look(place: Place, wanted: Wanted): Query<Situation>;
  /** The cheaper questions behind `tend status`. */
  glance(place: Place): Query<AppStatus>;
}

/** Questions for one round trip, and what they come to. */
export interface Query<T> {
  readonly probes: Probes;
  read(answers: Answers<Probes>): T;
}

/** An app as it was found. Its methods are pure: the same situation and input make the same draft. */
export interface Situation {
  readonly facts: AppFacts;
  deploy(context: Drafting, input: DeployInput): Draft;
  rollback(context: Drafting, to: ReleaseEvent, data?: RollbackData): Draft;
  build(context: Drafting, input: { readonly services: readonly ServiceName[]; readonly push: boolean }): Draft;
  power(context: Drafting, verb: PowerVerb, services: readonly ServiceName[]): Draft;
  /** New containers of the same release: for a changed env or compose file. */
  recreate(context: Drafting, services: readonly ServiceName[]): Draft;
  /** One script a service; each line that it prints starts with an RFC 3339 time. */
  logs(services: readonly ServiceName[], options: LogOptions): readonly LogSource[];
  /** What its containers have to do with what it keeps. */
  keepers(run: string): Keepers;
  /** One of its own commands, for a script: in what runs now, or in what a deploy has brought to the host. */
  command(service: ServiceName | undefined, argv: readonly string[], where: "live" | "next"): Script;
  /** Migrations alone: a backup, then what is pending. */
  migrate(context: Drafting): Draft;
  exec(
    service: ServiceName | undefined,
    argv: readonly string[],
    options: { readonly tty: boolean; readonly input: boolean },
  ): Script;
}

/** `renew` is a start in new containers of the same release: for what the old ones have kept. */
export type PowerVerb = "start" | "stop" | "restart" | "renew";

export interface DeployInput {
  readonly only: readonly ServiceName[];
  readonly forceRecreate: boolean;
  /** `--no-migrate`. */
  readonly skipMigrations?: boolean;
}

/** What becomes of the data when older code comes back. */
export type RollbackData =
  /** It stays, if the older code is known to have lived with its schema. */
  | { readonly kind: "checked" }
  /** It stays, whatever the code makes of it. */
  | { readonly kind: "stays" }
  /** It goes back too: the parts of each database's restore. */
  | { readonly kind: "restored"; readonly from: readonly string[]; readonly parts: readonly RestoreParts[] };

export interface LogOptions {
  readonly follow: boolean;
  /** As Docker takes it: RFC 3339, or a duration such as `15m`. */
  readonly since?: string;
  readonly tail?: number;
}

export interface LogSource {
  readonly service: string;
  readonly script: Script;
}

/** What a draft may use besides the facts: nothing else is at hand, so that plans are values. */
export interface Drafting {
  readonly run: RunId;
  readonly now: Date;
  readonly by: string;
}

/** A plan without what every plan has. */
export type Draft = Pick<Plan, "title" | "summary" | "steps" | "undo" | "watch" | "outcome" | "undoneBy" | "stakes"> & {
  /** Set when there is nothing to do, and why that is so. */
  readonly nothing?: string;
};

/** What every runtime knows of an app; JSON through and through. */
export interface AppFacts extends History {
  /** The host's clock. */
  readonly at: string;
  /** Absolute paths on the host. */
  readonly path: string;
  readonly state: string;
  readonly services: readonly ServiceStatus[];
  /** Digest of what a plan relies on. */
  readonly basis: string;
}

export interface AppStatus {
  readonly releases: readonly ReleaseEvent[];
  readonly unfinished?: History["unfinished"];
  /** How its data is kept. */
  readonly kept: readonly KeptStatus[];
  readonly services: readonly ServiceStatus[];
  /** In which way what runs isn't what was released; empty when it is. */
  readonly drift: readonly string[];
  /** What keeps tend from telling: the folder is missing, say. */
  readonly problem?: string;
}

export type Health = "healthy" | "unhealthy" | "starting" | "none";

export interface ServiceStatus {
  readonly service: string;
  readonly container?: string;
  readonly state: "running" | "exited" | "restarting" | "paused" | "created" | "dead" | "removing" | "absent";
  readonly health: Health;
  readonly exitCode?: number;
  readonly restarts: number;
  /** RFC 3339. */
  readonly since?: string;
  readonly ports: readonly string[];
  readonly image?: { readonly ref: string; readonly id: string };
}
