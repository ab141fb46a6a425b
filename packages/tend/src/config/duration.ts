const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
const HOUR = UNITS.h;

export interface Reach {
  readonly part: RegExp;
  /** In seconds. */
  readonly longest: number;
}

/** What somebody waits for. */
export const SHORT: Reach = { part: /(\d+(?:\.\d+)?)(ms|s|m|h)/gy, longest: 24 * HOUR };
/** What passes by itself. */
export const LONG: Reach = { part: /(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy, longest: 60 * 24 * HOUR };

/** Seconds out of `90`, `"90"`, `90s`, `2m` or `1m30s`, or of `2d` where that is in reach; undefined when it is none of them. */
export function parseDuration(text: string | number, { part, longest }: Reach = SHORT): number | undefined {
  const seconds = /^\d+(\.\d+)?$/.test(String(text)) ? Number(text) : sumOfParts(String(text), part);
  return seconds === undefined || seconds > longest ? undefined : seconds;
}

function sumOfParts(text: string, part: RegExp): number | undefined {
  const parts = [...text.matchAll(part)];
  const whole = parts.reduce((length, [part]) => length + part.length, 0) === text.length;
  if (parts.length === 0 || !whole) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit as keyof typeof UNITS], 0);
}
