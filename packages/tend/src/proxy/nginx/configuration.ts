/** A directive of an nginx configuration, with those in its block. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block?: readonly Directive[];
}

const TOKEN = /\s+|#[^\n]*|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([;{}])|((?:\$\{[^}]*\}|[^\s;{}"'])+)/gy;

/** Reads a configuration as nginx would. What nginx would refuse is read as far as it goes: to say that is nginx's own affair. */
export function parse(text: string): readonly Directive[] {
  const root: Directive[] = [];
  const open: Directive[][] = [root];
  let words: string[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const found = TOKEN.exec(text);
    if (!found) return root;
    const [whole, double, single, mark, word] = found;
    const value = double ?? single ?? word;
    if (value !== undefined) words.push(value);
    else if (mark === ";" || mark === "{") {
      const [name = "", ...args] = words;
      words = [];
      const block: Directive[] | undefined = mark === "{" ? [] : undefined;
      if (name !== "" || block) open.at(-1)?.push(block ? { name, args, block } : { name, args });
      if (block) open.push(block);
    } else if (mark === "}") {
      if (open.length > 1) open.pop();
      words = [];
    } else if (whole === "") return root;
  }
}

/** The directives of a name, where they apply: in the block itself, else in the ones around it. */
export function inherited(scopes: readonly (readonly Directive[])[], name: string): readonly Directive[] {
  for (const scope of scopes) {
    const own = scope.filter((directive) => directive.name === name);
    if (own.length > 0) return own;
  }
  return [];
}
