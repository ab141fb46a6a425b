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

/**
 * What `nginx -T` prints: all files, each under a heading, with those that a file includes put where it includes them.
 * Text without headings is one file.
 */
export function parseFiles(text: string): readonly Directive[] {
  const [alone = "", ...parts] = text.split(/^# configuration file (.+):$/m);
  const files = new Map<string, readonly Directive[]>();
  for (let at = 0; at + 1 < parts.length; at += 2) files.set(parts[at] as string, parse(parts[at + 1] as string));
  const [first] = files;
  if (!first) return parse(alone);
  const [main, directives] = first;
  const home = main.slice(0, main.lastIndexOf("/") + 1);
  const whole = (all: readonly Directive[], around: readonly string[]): readonly Directive[] =>
    all.flatMap((directive): readonly Directive[] => {
      const { name, args, block } = directive;
      if (block) return [{ name, args, block: whole(block, around) }];
      if (name !== "include") return [directive];
      const pattern = (args[0] ?? "").startsWith("/") ? (args[0] as string) : `${home}${args[0]}`;
      return [...files].flatMap(([file, inner]) =>
        globbed(pattern, file) && !around.includes(file) ? whole(inner, [...around, file]) : [],
      );
    });
  return whole(directives, [main]);
}

/** As the shell's patterns, of which nginx's includes have stars and question marks. */
function globbed(pattern: string, file: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]");
  return new RegExp(`^${source}$`).test(file);
}

/** The directives of a name, where they apply: in the block itself, else in the ones around it. */
export function inherited(scopes: readonly (readonly Directive[])[], name: string): readonly Directive[] {
  for (const scope of scopes) {
    const own = scope.filter((directive) => directive.name === name);
    if (own.length > 0) return own;
  }
  return [];
}
