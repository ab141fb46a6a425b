import type { Proxy, ProxyKind, Route } from "../model/fleet.ts";
import type { Script } from "../transport/argv.ts";

/** The names and places that a swap without downtime deals with. */
export interface Swapping {
  readonly proxy: Proxy;
  readonly route: Route;
  /** The service in the compose file. */
  readonly service: string;
  /** The container's lasting name, and that of the one that stands in for it. */
  readonly container: string;
  readonly surge: string;
  /** The container that serves now: its id. */
  readonly old: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds for requests in flight. */
  readonly drain: number;
}

/** What the surge container gets that the service as written hasn't: laid over the compose file, for it alone. */
export interface SurgeOverlay {
  readonly aliases: readonly string[];
  /** Takes the place of all the service's labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Makes the container unhealthy, while it still serves, as soon as this file is in it. */
  readonly drainFile?: string;
}

/**
 * How one kind of proxy is made to send requests to one container and not to another, on compose files that
 * stay as they are. Each kind is one file here and one line in index.ts; the scenarios of a swap are run behind every one.
 */
export interface ProxyRules {
  readonly kind: ProxyKind;
  overlay(swap: Swapping): SurgeOverlay;
  /** The surge is healthy: requests go to it, and the old container gets no more. Ends when that is so. */
  toSurge(swap: Swapping): readonly Script[];
  /** Before the old container is replaced; most need nothing, Compose stops it with its own grace period. */
  retireOld(swap: Swapping): readonly Script[];
  /** The new container is healthy: requests go to it, and the surge gets no more. Ends when that is so. */
  toMain(swap: Swapping): readonly Script[];
  /** After the surge has stopped. */
  afterSurge(swap: Swapping): readonly Script[];
  /** Its containers were stopped and started, and may have other addresses: only for a kind that doesn't notice by itself. */
  moved?(proxy: Proxy): Script;
}
