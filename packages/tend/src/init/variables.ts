/**
 * Compose's variables in a text: `$NAME`, `${NAME}`, with a default (`:-`, `-`), an error (`:?`, `?`) or a replacement
 * (`:+`, `+`), one inside the other; `$$` is a dollar. What isn't set is empty, as it is for Compose.
 */
export function interpolate(text: string, values: Readonly<Record<string, string>>, depth = 0): string {
  if (depth > 10) return "";
  let result = "";
  for (let at = 0; at < text.length; ) {
    if (text[at] !== "$") {
      result += text[at++];
      continue;
    }
    if (text[at + 1] === "$") {
      result += "$";
      at += 2;
      continue;
    }
    const plain = /^\$([A-Za-z_]\w*)/.exec(text.slice(at, at + 200));
    if (plain) {
      result += valueOf(values, plain[1] as string) ?? "";
      at += plain[0].length;
      continue;
    }
    const end = text[at + 1] === "{" ? closing(text, at + 1) : -1;
    if (end === -1) {
      result += text[at++];
      continue;
    }
    result += expression(text.slice(at + 2, end), values, depth);
    at = end + 1;
  }
  return result;
}

function expression(inner: string, values: Readonly<Record<string, string>>, depth: number): string {
  const [, name = "", operator = "", word = ""] = /^([A-Za-z_]\w*)(:?[-?+])?([\s\S]*)$/.exec(inner) ?? [];
  const value = valueOf(values, name);
  const isSet = operator.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
  if (operator.endsWith("-")) return isSet ? (value as string) : interpolate(word, values, depth + 1);
  if (operator.endsWith("+")) return isSet ? interpolate(word, values, depth + 1) : "";
  return value ?? "";
}

function valueOf(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** The brace that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "{") depth += 1;
    if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

/** The variable that holds an image's tag, where one variable is the whole of it: `REPO:${TAG:-latest}`. */
export function tagVariable(template: string): string | undefined {
  return /(?<=[^/]):\$(?:\{([A-Za-z_]\w*)(?::?[-?][^{}]*)?\}|([A-Za-z_]\w*))$/.exec(template)?.slice(1).find(Boolean);
}

/** Lines of an env file. Which of them are secret isn't known here: the values are for interpolation alone. */
export function readEnvFile(text: string): Readonly<Record<string, string>> {
  const pairs = text.split("\n").flatMap((line) => {
    const [, name, raw = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) return [];
    const quoted = /^(["'])([\s\S]*)\1/.exec(raw);
    return [[name, quoted ? (quoted[2] as string) : raw.replace(/\s+#.*$/, "")] as const];
  });
  return Object.fromEntries(pairs);
}
