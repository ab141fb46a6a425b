import { LEASE } from "../execute/host-script.ts";
import type { App } from "../model/fleet.ts";
import { appKey } from "../observe/place.ts";
import type { Seen } from "./facts/index.ts";
import { known } from "./facts/part.ts";

/** A run of tend's is at the app: what is stopped, shut or made anew then is meant to be, and the run itself tells what fails. */
export function isUnderWay(seen: Seen, app: App): boolean {
  const lock = known(() => seen.state)?.kept.find(({ of }) => of === appKey(app))?.lock;
  return lock !== undefined && lock.age <= LEASE;
}

export const UNDER_WAY = "a run of tend's is under way there";
