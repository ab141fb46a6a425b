/** A name by tend's rule for names, made of any text; `fallback` where nothing of it can stay. */
export function plainName(text: string, fallback: string): string {
  const plain = text
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replaceAll(/^[-_]+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "");
  return plain === "" ? fallback : plain;
}

/** The first of `name`, `name-2`, `name-3` … that isn't taken; takes it. */
export function free(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) candidate = `${name.slice(0, 58)}-${number}`;
  taken.add(candidate);
  return candidate;
}

/** One line of plain text for a comment, whatever a label, a name or a file says. */
export function oneLine(text: string): string {
  const line = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not stay
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffd\ud800-\udfff]+/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}

/** What all lists begin with. */
export function sameBeginning(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = lists;
  const different = first.findIndex((part, at) => others.some((other) => other[at] !== part));
  return different === -1 ? first : first.slice(0, different);
}
