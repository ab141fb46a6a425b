import type { ContainerSeen } from "./facts/containers.ts";
import type { Seen } from "./facts/index.ts";
import type { LogLine, Sign } from "./facts/logs.ts";

/** Seconds before a start, or before an end, that still belong to it: the attempt before, in a loop; the words of one that fails. */
const ATTEMPT = 120;
/** The engine notes a start when the first lines may be written already. */
const SLACK = 2;

/** What a container's log tells of what is so now: a log outlives restarts, and what was mended since stays in it. */
export function linesOf(seen: Seen, container: ContainerSeen, sign: Sign): readonly LogLine[] {
  const from = tellsFrom(container);
  const lines = seen.logs?.find((log) => log.container === container.name)?.said[sign] ?? [];
  return lines.filter(({ at }) => Date.parse(at) >= from);
}

/** From when on, in milliseconds since 1970: its last start; of one that ended, its last moments. */
export function tellsFrom({ state, startedAt, finishedAt, restarts }: ContainerSeen): number {
  const runs = state === "running" || state === "paused";
  return Date.parse(runs ? startedAt : finishedAt) - (runs && restarts === 0 ? SLACK : ATTEMPT) * 1000;
}
