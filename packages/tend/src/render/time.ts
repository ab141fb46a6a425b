/** `2 h`, `41 d`: how long ago, in the largest unit that leaves at least one. */
export function ago(at: string, now: Date = new Date()): string {
  const passed = (now.getTime() - Date.parse(at)) / 1000;
  if (!Number.isFinite(passed)) return "";
  return duration(Math.max(0, passed));
}

export function duration(passed: number): string {
  const units = [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
  ] as const;
  for (const [unit, size] of units) if (passed >= size) return `${Math.floor(passed / size)} ${unit}`;
  return `${Math.floor(passed)} s`;
}

/** `1.2 s`, for steps. */
export function seconds(ms: number): string {
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms / 1000);
}
