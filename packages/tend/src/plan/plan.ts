import type { Destination } from "../model/data.ts";
import type { Records, RemoteKeeper } from "../model/dns.ts";
import type { Manifest, StoredFile } from "../model/manifest.ts";
import type { AppName, BackupName, HostName, RunId } from "../model/names.ts";
import type { Script } from "../transport/argv.ts";

/**
 * What is going to happen, as a value. It is made by a pure function, and has four faces: it is executed,
 * printed (dry run), written into documents, and offered for approval. Executing it takes no decisions.
 */
export interface Plan {
  readonly version: 1;
  readonly id: RunId;
  readonly operation: string;
  readonly host: HostName;
  readonly app: AppName;
  /** `deploy skriptoteket on hemma → 8d04e7b` */
  readonly title: string;
  /** What will change, for a person to read before it starts. */
  readonly summary: readonly SummaryLine[];
  /** Digest of the facts that it stands on; a host that changed since refuses the plan. */
  readonly basis: string;
  readonly steps: readonly Step[];
  /** What is done when a step fails, in this order; each only if the step that it belongs to had begun. */
  readonly undo: readonly Undo[];
  /** What keeps being asked while the plan runs, to measure what users saw. */
  readonly watch: readonly Watch[];
  /** What is so when it has been done: `release 42 of skriptoteket is live`. */
  readonly outcome?: string;
  /** How a person undoes the whole thing afterwards. */
  readonly undoneBy?: string;
  /** Set where a person has to say that they mean it, by typing `name`. */
  readonly stakes?: Stakes;
}

export interface Stakes {
  /** `This replaces the data of skriptoteket's database "main" on hemma.` */
  readonly text: string;
  readonly name: string;
}

export interface SummaryLine {
  readonly label: string;
  readonly text: string;
}

export type Effect = "reads" | "changes" | "destroys";

/**
 * `prepare` is what users can't notice; `switch` is what they could; `finish` records it.
 * A phase begins only when tend is there to see it: a host left alone ends the phase it is in.
 */
export type Phase = "prepare" | "switch" | "finish";

export interface Step {
  /** Unique in its plan; letters, digits and dashes. */
  readonly id: string;
  readonly title: string;
  /** Why the plan has it. */
  readonly because: string;
  readonly effect: Effect;
  readonly phase: Phase;
  readonly action: Action;
  readonly guard?: Guard;
  /** Ctrl-C may cut it short: it leaves nothing half done that matters. */
  readonly interruptible?: boolean;
  /** It may end with `NOTHING_YET`. Of other steps that is a failure like any: a program of the user's may end so, too. */
  readonly mayFindNothing?: boolean;
  /** When it fails, it has left nothing. */
  readonly allOrNothing?: boolean;
  /** When it fails, nothing of it is left. */
  readonly clean?: boolean;
  /** What stays when it has begun and the plan is taken back: the database, in the middle of a migration. */
  readonly lasting?: string;
  /** The failure that it is reported as when it fails; without it, `step.failed`. */
  readonly fails?: StepFailure;
}

export interface StepFailure {
  readonly id: string;
  readonly title: string;
  readonly exit?: "failed" | "refused";
  /** The images that it is about: a registry's errors don't always say which. */
  readonly images?: readonly string[];
  /** The disk that it writes to: the errors of full disks don't say which. */
  readonly disk?: string;
  /** It asks no registry: what sounds like one in its output is something else. */
  readonly noRegistry?: true;
  readonly why?: string;
  /** The one command that helps. */
  readonly help?: string;
}

export type Action = HostAction | ProbeAction | StoreAction | DnsAction;
/** What a host can do by itself. */
export type HostAction = ExecAction | WriteAction | SetAction | WaitAction;
/** What takes the machine that tend runs on: it alone reaches the stores and has their keys. */
export type StoreAction = CarryAction | FetchAction | VerifyAction | ForgetAction;

/** What takes the machine that tend runs on, too: it has the keys of those who keep the zones. */
export type DnsAction = RecordAction | AgreeAction;

export function isDnsAction(action: Action): action is DnsAction {
  return action.kind === "record" || action.kind === "agree";
}

export function isStoreAction(action: Action): action is StoreAction {
  return action.kind === "carry" || action.kind === "fetch" || action.kind === "verify" || action.kind === "forget";
}

/** It is done on the machine that tend runs on, not by the host. */
export function isDoneHere(action: Action): boolean {
  if (action.kind === "exec") return action.on === "here";
  return action.kind === "probe" || isStoreAction(action) || isDnsAction(action);
}

/** What a command of a step ends with when there is nothing for the step to do; its last line says why. */
export const NOTHING_YET = 66;

/** Commands, one after the other until one fails. */
export interface ExecAction {
  readonly kind: "exec";
  /** On the plan's host, or on the machine that tend runs on. */
  readonly on: "host" | "here";
  readonly commands: readonly Script[];
  readonly cwd?: string;
}

/** A file with this text, put in place by a rename. It never holds a secret: those are only copied on their host. */
export interface WriteAction {
  readonly kind: "write";
  readonly path: string;
  readonly content: string;
  /** Octal, such as "600". */
  readonly mode: string;
}

/** Variables of an env file; its other lines, its mode and its place stay. The values are no secrets. */
export interface SetAction {
  readonly kind: "set";
  readonly path: string;
  readonly values: Readonly<Record<string, string>>;
  /** Where a copy of the file as it was is kept, for the undo. */
  readonly backup: string;
}

/** Until a check succeeds; its log is kept when it doesn't. */
export interface WaitAction {
  readonly kind: "wait";
  /** What is awaited, for people: `skriptoteket-web is healthy`. */
  readonly until: string;
  /** Ends 0 when it is so, 1 when not yet, anything else when it never will be. */
  readonly check: Script;
  /** Prints what explains a failure: the container's log. */
  readonly explain: Script;
  /** Seconds. */
  readonly deadline: number;
}

/** An HTTP request from the machine that tend runs on, until it is answered as expected. */
export interface ProbeAction {
  readonly kind: "probe";
  readonly target: Watch;
  /** Seconds. */
  readonly deadline: number;
}

/**
 * A backup that is streamed from its host through here to where it is kept: sealed on the way, read back, published last.
 * Nothing of it is parked, here or there.
 */
export interface CarryAction {
  readonly kind: "carry";
  /** Writes the payload to stdout; then, on stderr, a line with `mark` and the lines of about.jsonl. */
  readonly produce: Script;
  readonly mark: string;
  /** The payload's name before it is sealed: `data.dump`. */
  readonly payload: string;
  /** What the manifest says beyond what is counted on the way. */
  readonly backup: Omit<Manifest, "files" | "schema" | "tables" | "rows" | "versions" | "verified" | "head">;
  readonly to: readonly Destination[];
  /** A file on the host that gets the manifest's body in the end; stays empty when there was nothing to back up. */
  readonly kept: string;
}

/** A file of a backup, streamed from where it is kept, opened on the way, into a script on the host. */
export interface FetchAction {
  readonly kind: "fetch";
  readonly from: Destination;
  readonly app: string;
  readonly backup: BackupName;
  readonly file: string;
  readonly stored: StoredFile;
  /** The file with the age identity; needed for a sealed one. */
  readonly identity?: string;
  /** Reads the file, in clear, from its stdin. */
  readonly into: Script;
}

/** A backup, read whole from where it is kept, against its manifest. */
export interface VerifyAction {
  readonly kind: "verify";
  readonly from: Destination;
  readonly manifest: Manifest;
  readonly identity?: string;
}

/** Backups that are no longer kept. */
export interface ForgetAction {
  readonly kind: "forget";
  readonly from: Destination;
  readonly app: string;
  readonly backups: readonly BackupName[];
}

/** A name's addresses, set with whoever keeps its zone. It says where the secret for that is, and doesn't hold it. */
export interface RecordAction {
  readonly kind: "record";
  readonly by: RemoteKeeper;
  readonly name: string;
  readonly records: Records;
}

/** Until all name servers that are responsible for a name say so. */
export interface AgreeAction {
  readonly kind: "agree";
  readonly name: string;
  /** The declared servers; empty: those that are responsible. */
  readonly servers: readonly string[];
  /** What they are to say; without it, what ddclient remembers on the host to have sent. */
  readonly records?: Records;
  /** Seconds. */
  readonly deadline: number;
}

export interface Watch {
  /** What people call it: the public URL. */
  readonly url: string;
  /** Where the connection goes, when not where the URL's name points to. */
  readonly connect?: { readonly host: string; readonly port: number };
  /** The connection is made from the host, for what only it can reach: a container's address, found by this script. */
  readonly fromHost?: { readonly address: Script };
  /** Default: 200 to 399. */
  readonly status?: number;
}

/** Only if this is so on the host when the step's turn has come; the answer is kept for all steps that share the id. */
export interface Guard {
  readonly id: string;
  /** `web's image or configuration changed` */
  readonly text: string;
  /** What is said when it isn't so: `web is unchanged`. */
  readonly otherwise: string;
  /** Ends 0 when it is so, 1 when it isn't. */
  readonly check: Script;
}

export interface Undo {
  /** The id of the step. */
  readonly of: string;
  readonly title: string;
  readonly action: HostAction;
}
