const UNITS = ["kB", "MB", "GB", "TB"] as const;

/** `109 MB`: decimal units, as disks and `ls --si` have them; no digits that mean nothing. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const at = Math.min(UNITS.length, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** at;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[at - 1]}`;
}
