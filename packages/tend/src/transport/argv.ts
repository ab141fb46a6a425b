/**
 * The only place where text becomes shell. A `Script` is made by the `sh` template alone, which quotes
 * everything that is put into it; so nothing that a person, a host or a file says is ever run as shell.
 */
export class Script {
  readonly text: string;

  /** For `sh` and its kin in this file. Elsewhere: use the template. */
  private constructor(text: string) {
    this.text = text;
  }

  static of(strings: TemplateStringsArray, pieces: readonly Piece[]): Script {
    return new Script(strings.raw.reduce((text, literal, at) => text + render(pieces[at - 1]) + literal));
  }

  static join(scripts: readonly Script[], separator: string): Script {
    return new Script(scripts.map((script) => script.text).join(separator));
  }

  /** A script that a plan was kept with. */
  static revive(text: string): Script {
    return new Script(text);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** What may stand in a `${}` of `sh`: a word, a number, several words, or shell that is one already. */
export type Piece = string | number | readonly string[] | Script | undefined;

const SAFE_WORD = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/** One word of a POSIX shell that means exactly `word`. Throws on NUL, which no argument can carry. */
export function quote(word: string): string {
  if (word.includes("\0")) throw new TypeError("an argument can't contain a NUL byte");
  if (SAFE_WORD.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Words, quoted and joined by blanks: what a person could paste into a terminal. */
export function quoteAll(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}

/** Shell text, taken as written (backslashes too); each `${}` is quoted: sh`cd ${folder} && ls ${files}`. */
export function sh(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Script {
  return Script.of(strings, pieces);
}

/** A command from its words; `env` is set for it alone. */
export function command(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Script {
  const assignments = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return assignments.length > 0 ? sh`env ${assignments} ${argv}` : sh`${argv}`;
}

/** Lines of shell, one after the other. */
export function lines(scripts: readonly Script[]): Script {
  return Script.join(scripts, "\n");
}

/** A path on a host: a leading `~/` means that host's home, the rest means itself. */
export function remotePath(path: string): Script {
  if (path === "~") return sh`"$HOME"`;
  if (path.startsWith("~/")) return sh`"$HOME"/${path.slice(2)}`;
  return sh`${path}`;
}

function render(piece: Piece): string {
  if (piece === undefined) return "";
  if (piece instanceof Script) return piece.text;
  if (typeof piece === "number") return String(piece);
  if (typeof piece === "string") return quote(piece);
  return quoteAll(piece);
}
