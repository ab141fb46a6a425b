import type { FailureParts } from "../../model/failure.ts";
import type { Seen as Answer } from "../../observe/observe.ts";
import type { Session } from "../../session.ts";
import type { Script } from "../../transport/argv.ts";
import type { Scene } from "../scene.ts";
import type { ComposeSeen } from "./compose.ts";
import type { ContainerSeen } from "./containers.ts";
import type { EngineSeen } from "./engine.ts";
import type { ImagesSeen } from "./images.ts";
import type { ProxiesSeen } from "./proxies.ts";
import type { ReleasesSeen } from "./releases.ts";
import type { RenewalSeen } from "./renewals.ts";

/** What could not be measured, and why. Checks that ask for it are `unknown`: never red, never green. */
export class Unmeasured extends Error {}

/** What only adds to a finding: undefined where it could not be measured, and no reason to say nothing. */
export function known<T>(fact: () => T): T | undefined {
  try {
    return fact();
  } catch (error) {
    if (error instanceof Unmeasured) return undefined;
    throw error;
  }
}

/** Whether the host could be spoken to. */
export interface Reach {
  /** By which of the declared names; "" where by none. */
  readonly via: string;
  readonly failure?: Pick<FailureParts, "id" | "title" | "evidence" | "why" | "help">;
}

/** What the second round goes by, as the first has answered it. What could not be measured throws `Unmeasured`. */
export interface First {
  readonly containers: readonly ContainerSeen[];
  readonly compose: Readonly<Record<string, ComposeSeen>>;
  readonly engine: EngineSeen;
  readonly images: ImagesSeen;
  readonly proxies: ProxiesSeen | undefined;
  readonly releases: ReleasesSeen;
  readonly renewals: readonly RenewalSeen[] | undefined;
}

/** A part of what is known of a host: how it is asked for, and how the answer is understood. Values are JSON. */
export type Part<T> = HostPart<T> | HerePart<T>;

/** Asked on the host, with all the others in one round trip; with `after`, in a second one. */
export interface HostPart<T> {
  readonly at: "host";
  /** Seconds until it is given up, so that a dead network drive doesn't hold up the rest. Default 10. */
  readonly within?: number;
  /** With this, it is asked in the second round trip, by what the first one has seen. */
  readonly after?: true;
  /** The answer has secrets in it: what is read from it is kept, and the answer itself goes nowhere. */
  readonly secret?: true;
  /** Undefined: there is nothing to ask. `read` isn't called then, and the value is undefined. */
  script(scene: Scene, first: First): Script | undefined;
  /** Throws `Unmeasured` where the answer doesn't tell. */
  read(answer: Answer, scene: Scene): T;
}

/** Asked from the machine that tend runs on, beside the round trips: public names, addresses, certificates. */
export interface HerePart<T> {
  readonly at: "here";
  readonly within?: number;
  /** With this, it is looked for once the host's first answers are there. */
  readonly after?: true;
  look(scene: Scene, around: { readonly session: Session; readonly first: First; readonly signal: AbortSignal }): Promise<T>;
}

export function hostPart<T>(part: Omit<HostPart<T>, "at">): HostPart<T> {
  return { at: "host", ...part };
}

export function herePart<T>(part: Omit<HerePart<T>, "at">): HerePart<T> {
  return { at: "here", ...part };
}
