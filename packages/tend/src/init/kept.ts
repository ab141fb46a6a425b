import type { Mount } from "./found.ts";

/** Mounts of the machine's own: sockets, clocks, devices, and what is gone with a restart. */
const OF_THE_MACHINE =
  /^\/(?:$|(?:proc|sys|dev|run|tmp|boot|usr|bin|lib|sbin)(?:\/|$)|var\/(?:run|lib\/docker|log)(?:\/|$)|etc(?:\/|$))/;
const UNNAMED = /^[0-9a-f]{64}$/;
/** What can be made again, as its name says. */
const PASSING = /(?:^|[-_./])(?:cache|caches|tmp|temp|logs?|node_modules)(?:$|[-_./])/i;

/** Whether a mount may hold data that is worth keeping: it is looked into. */
export function isKept({ from, writable, isFile }: Mount): boolean {
  if (!writable || isFile) return false;
  return "volume" in from ? !UNNAMED.test(from.volume) : !OF_THE_MACHINE.test(from.path);
}

export function isUnnamed({ from }: Mount): boolean {
  return "volume" in from && UNNAMED.test(from.volume);
}

export function isPassing({ from, target }: Mount): boolean {
  return PASSING.test("volume" in from ? from.volume : from.path) || PASSING.test(target);
}
