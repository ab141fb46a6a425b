/** What users would have seen while a run went on, as far as one client asking all the time can tell. */
export interface GapReport {
  readonly url: string;
  readonly requests: number;
  /** Answers of 500 and above, and connections refused or timed out. */
  readonly failed: number;
  /** Connections that were closed while idle or under way; browsers ask again by themselves. */
  readonly resets: number;
  /** The longest time without an answer that counts, in milliseconds. */
  readonly longestGapMs: number;
}

/** Of several addresses that were asked: the sum of what was lost, and the longest gap of any. */
export function worst(one: GapReport, other: GapReport): GapReport {
  return {
    url: `${one.url}, ${other.url}`,
    requests: one.requests + other.requests,
    failed: one.failed + other.failed,
    resets: one.resets + other.resets,
    longestGapMs: Math.max(one.longestGapMs, other.longestGapMs),
  };
}
