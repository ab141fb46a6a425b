/** A line of a configuration with what it holds in braces: nginx's and Caddy's are alike in this. */
export interface Directive {
  readonly words: readonly string[];
  readonly inside: readonly Directive[];
}

interface Token {
  readonly text: string;
  readonly kind: "word" | "end" | "open" | "close";
}

const MAX_TOKENS = 100_000;
const MAX_DEPTH = 50;

/** nginx ends a directive with `;`, Caddy with its line. A text that is broken gives what could be read of it. */
export function readBlocks(text: string, endsWith: ";" | "line"): readonly Directive[] {
  const tokens = tokensOf(text, endsWith);
  let at = 0;
  const read = (depth: number): Directive[] => {
    const found: Directive[] = [];
    let words: string[] = [];
    while (at < tokens.length) {
      const { kind, text: word } = tokens[at++] as Token;
      if (kind === "word") words.push(word);
      else if (kind === "close") break;
      else if (kind === "open") {
        found.push({ words, inside: depth < MAX_DEPTH ? read(depth + 1) : [] });
        words = [];
      } else {
        if (words.length > 0) found.push({ words, inside: [] });
        words = [];
      }
    }
    if (words.length > 0) found.push({ words, inside: [] });
    return found;
  };
  const all: Directive[] = [];
  // A brace too many ends a level that isn't there: the rest is read all the same.
  while (at < tokens.length) all.push(...read(0));
  return all;
}

function tokensOf(text: string, endsWith: ";" | "line"): readonly Token[] {
  const tokens: Token[] = [];
  // `${name}` and `{$NAME}` belong to their word; a brace that opens a block stands alone.
  const pattern =
    /#[^\n]*|"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'|`[^`]*`|\n|;|\{(?=\s|$)|\}|(?:[^\s;{}"'`#]|\$\{[^}\s]*\}|\{[^}\s]*\}|(?<=\S)#)+|\S/g;
  for (const [token] of text.matchAll(pattern)) {
    if (tokens.length >= MAX_TOKENS) break;
    if (token.startsWith("#")) continue;
    if (token === "{") tokens.push({ kind: "open", text: token });
    else if (token === "}") tokens.push({ kind: "close", text: token });
    else if (token === "\n" || token === ";") {
      if ((token === ";") === (endsWith === ";")) tokens.push({ kind: "end", text: token });
    } else tokens.push({ kind: "word", text: /^["'`]/.test(token) ? token.slice(1, -1) : token });
  }
  return tokens;
}
