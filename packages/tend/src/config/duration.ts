const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600 } as const;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h)/gy;
const LONGEST = 24 * 3600;

/** Seconds out of `90`, `"90"`, `90s`, `2m` or `1m30s`; undefined when it is none of them. */
export function parseDuration(text: string | number): number | undefined {
  const seconds = /^\d+(\.\d+)?$/.test(String(text)) ? Number(text) : sumOfParts(String(text));
  return seconds === undefined || seconds > LONGEST ? undefined : seconds;
}

function sumOfParts(text: string): number | undefined {
  const parts = [...text.matchAll(PART)];
  const whole = parts.reduce((length, [part]) => length + part.length, 0) === text.length;
  if (parts.length === 0 || !whole) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit as keyof typeof UNITS], 0);
}
