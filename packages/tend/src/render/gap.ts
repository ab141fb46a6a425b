import type { GapReport } from "../execute/gap.ts";

/** `0 of 1,204 requests failed, longest gap 48 ms` */
export function gapText(gap: GapReport): string {
  const resets = gap.resets > 0 ? `, ${count(gap.resets)} reset` : "";
  return `${count(gap.failed)} of ${count(gap.requests)} requests failed${resets}, longest gap ${milliseconds(gap.longestGapMs)}`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

function milliseconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
