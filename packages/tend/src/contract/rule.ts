import type { Spot } from "../compose-files/document.ts";
import type { ServiceSource } from "../compose-files/source.ts";
import type { RuleName, Rules } from "../model/contract.ts";
import type { App, Proxy } from "../model/fleet.ts";
import type { Composed, ComposedService } from "./service.ts";

/** What is known of an image beside the compose file: by its name, by its Dockerfile, or because the host was asked. */
export interface ImageKnown {
  /** "" is root. */
  readonly user?: string;
  /** It starts as root to set up its folders, and gives that up by itself. */
  readonly dropsRoot?: boolean;
  readonly healthcheck?: boolean;
  /** Programs that are in it, or aren't. */
  readonly tools?: ReadonlyMap<string, boolean>;
}

/** A service, and all that a rule may go by. */
export interface Subject {
  readonly app: App;
  readonly service: ComposedService;
  readonly composed: Composed;
  readonly source: ServiceSource;
  readonly image: ImageKnown;
  readonly routed: boolean;
  readonly oneOff: boolean;
  readonly proxy?: Proxy;
  /** The variable that holds its image's tag, by the declaration. */
  readonly tagVariable?: string;
}

export type Ruling =
  | {
      readonly title: string;
      readonly at: Spot;
      /** What to do, and the lines as they would stand in the file. */
      readonly fix: { readonly text: string; readonly lines: readonly string[] };
      /** Variables without a value that this breach hangs on, where they aren't all those of the rule's keys. */
      readonly open?: readonly string[];
    }
  | { readonly unknown: string };

export interface Rule<R extends RuleName = RuleName> {
  readonly name: R;
  /** What it asks for, for the guide and the reference. */
  readonly asks: string;
  readonly why: string;
  /** The keys of a service that it goes by: where a variable in one of them has no value, a breach can't be told. */
  readonly keys: readonly string[];
  judge(subject: Subject, asked: NonNullable<Rules[R]>): Iterable<Ruling>;
}

export function defineRule<R extends RuleName>(rule: Rule<R>): Rule<R> {
  return rule;
}
