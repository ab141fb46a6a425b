const UNITS = ["", "k", "m", "g", "t", "p"];

/** As compose files have it: `512m`. */
export function sizeText(size: number): string {
  const gigabytes = size / 1024 ** 3;
  return Number.isInteger(gigabytes) ? `${gigabytes}g` : `${Math.floor(size / 1024 ** 2)}m`;
}

/** A size as Docker reads it: `512m`, `1.5gb`, `1GiB`, `536870912`. */
export function bytesOf(text: string): number | undefined {
  const [, amount, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*(?:([kmgtp]?)i?b?)\s*$/i.exec(text) ?? [];
  return amount === undefined ? undefined : Math.floor(Number(amount) * 1024 ** UNITS.indexOf(unit.toLowerCase()));
}
