const UNITS = ["", "k", "m", "g", "t", "p"];

/** A size as Docker reads it: `512m`, `1.5gb`, `1GiB`, `536870912`. */
export function bytesOf(text: string): number | undefined {
  const [, amount, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*(?:([kmgtp]?)i?b?)\s*$/i.exec(text) ?? [];
  return amount === undefined ? undefined : Math.floor(Number(amount) * 1024 ** UNITS.indexOf(unit.toLowerCase()));
}
