import { LEASE } from "../execute/host-script.ts";
import type { App } from "../model/fleet.ts";
import { appKey } from "../observe/place.ts";
import type { Seen } from "./facts/index.ts";
import { Unmeasured } from "./facts/part.ts";

/** What only adds to a finding: undefined where it could not be measured, and no reason to say nothing. */
export function known<T>(fact: () => T): T | undefined {
  try {
    return fact();
  } catch (error) {
    if (error instanceof Unmeasured) return undefined;
    throw error;
  }
}

/** A run of tend's is at the app: what is stopped, shut or made anew then is meant to be, and the run itself tells what fails. */
export function isUnderWay(seen: Seen, app: App): boolean {
  const lock = known(() => seen.state)?.kept.find(({ of }) => of === appKey(app))?.lock;
  return lock !== undefined && lock.age <= LEASE;
}

export const UNDER_WAY = "a run of tend's is under way there";
