import { routings } from "../../proxy/index.ts";
import type { ContainerSeen } from "../facts/containers.ts";
import type { Seen } from "../facts/index.ts";
import type { Fix, Severity } from "../finding.ts";
import type { Scene } from "../scene.ts";
import type { Asked } from "./ask.ts";
import type { DeclaredWay } from "./routed.ts";

/** Where a way can break, in the order in which a request comes by; each is the check of that id. */
export const PLACES = [
  "proxy.down",
  "proxy.network",
  "proxy.router.conflict",
  "route.unknown-host",
  "proxy.name.stale",
  "proxy.upstream.port",
  "proxy.upstream.loopback",
  "proxy.upstream.silent",
  "proxy.upstream.slow",
  "proxy.upstream.error",
  "proxy.upstream.gateway",
  "route.loop",
  "route.hairpin",
  "route.public",
] as const;
export type Place = (typeof PLACES)[number];

/** The first hop of a way that fails. */
export interface Broken {
  readonly at: Place;
  readonly title: string;
  readonly evidence: readonly string[];
  readonly cause?: string;
  readonly fix: Fix;
  readonly severity?: Severity;
  readonly lasting?: number;
}

/** `broken`, whole as far as was looked, or not to be told because of something that is no matter of the way's. */
export type Outcome = { readonly broken: Broken } | { readonly whole: true } | { readonly beside: string };

export interface Looking {
  readonly seen: Seen;
  readonly scene: Scene;
  readonly way: DeclaredWay;
  /** Looks no further than this place, so that what is behind it need not be known. */
  readonly until: Place;
}

export interface Further extends Looking {
  readonly proxy: ContainerSeen;
  readonly container: ContainerSeen;
  upTo(place: Place): boolean;
}

export function is(at: Place, what: Omit<Broken, "at">): Outcome {
  return { broken: { at, ...what } };
}

export function reloadFix(way: DeclaredWay, text: string): Fix {
  return { class: "safe", text, commands: [routings[way.proxy.kind].reload(way.proxy.container)] };
}

/** `GET /health → 200 in 12 ms`. */
export function line({ path, status, location, error, ms, to }: Asked): string {
  return `GET ${path} at ${to} → ${status === undefined ? error : `${status}${location ? ` to ${location}` : ""} in ${ms} ms`}`;
}
