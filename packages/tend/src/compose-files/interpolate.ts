export type Variables = ReadonlyMap<string, string>;

/** Marks that a variable had no value here, so that what comes of it can't be relied on. No file has them: they are private to Unicode. */
const OPEN = "\u{F0F10}";
const CLOSE = "\u{F0F11}";
const MARK = new RegExp(`${OPEN}([A-Za-z0-9_]*)${CLOSE}`, "gu");

const DEEPEST = 20;

/**
 * A text with its variables put in, as Compose does it: `$X`, `${X}`, `${X:-default}`, `${X:?message}`, `${X:+other}`, `$$`.
 * Where a variable has no value here, its default or nothing stands for it, and a mark before that.
 */
export function interpolate(text: string, variables: Variables, depth = 0): string {
  if (!text.includes("$") || depth > DEEPEST) return text;
  let result = "";
  let at = 0;
  while (at < text.length) {
    const next = text.indexOf("$", at);
    if (next === -1) return result + text.slice(at);
    result += text.slice(at, next);
    if (text[next + 1] === "$") {
      result += "$";
      at = next + 2;
      continue;
    }
    const named = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(text.slice(next));
    const braced = named ? undefined : /^\$\{([A-Za-z_][A-Za-z0-9_]*)(:?[-?+])?/.exec(text.slice(next));
    const end = braced ? closing(text, next + braced[0].length) : -1;
    if (named) {
      result += valueOf(named[1] as string, undefined, "", variables, depth);
      at = next + named[0].length;
    } else if (braced && end !== -1 && (braced[2] !== undefined || next + braced[0].length === end)) {
      result += valueOf(braced[1] as string, braced[2], text.slice(next + braced[0].length, end), variables, depth);
      at = end + 1;
    } else {
      result += "$";
      at = next + 1;
    }
  }
  return result;
}

function valueOf(name: string, operator: string | undefined, word: string, variables: Variables, depth: number): string {
  const known = variables.get(name);
  const counts = known !== undefined && (known !== "" || !operator?.startsWith(":"));
  if (operator?.endsWith("+")) return counts ? interpolate(word, variables, depth + 1) : mark(name);
  if (counts) return known;
  return mark(name) + (operator?.endsWith("-") ? interpolate(word, variables, depth + 1) : "");
}

function closing(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "{" && text[at - 1] === "$") open += 1;
    else if (text[at] === "}") open -= 1;
    if (open === 0) return at;
  }
  return -1;
}

function mark(name: string): string {
  return `${OPEN}${name}${CLOSE}`;
}

/** The names of the variables that had no value here. */
export function unsettledIn(value: unknown): readonly string[] {
  return [...new Set([...JSON.stringify(value ?? null).matchAll(MARK)].map(([, name]) => name as string))];
}

export function withoutMarks<T>(value: T): T {
  if (typeof value === "string") return value.replaceAll(MARK, "") as T;
  if (Array.isArray(value)) return value.map(withoutMarks) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutMarks(inner)])) as T;
}

/** Another text for this one, with the same variables open in it. */
export function keepingMarks(text: string, change: (plain: string) => string): string {
  return `${text.match(MARK)?.join("") ?? ""}${change(withoutMarks(text))}`;
}

/** The text with every variable taken out, its default left: what of it is written in the file itself. */
export function written(text: string): string {
  return withoutMarks(interpolate(text, new Map()));
}
