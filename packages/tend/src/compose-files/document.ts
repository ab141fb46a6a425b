import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml";

/** A place in a compose file; both numbers count from 1. */
export interface Spot {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A key of a map, wherever its value was written: in it, or in a map that is merged into it. */
export interface Entry {
  readonly key: Node;
  readonly value: Node | null;
}

/** A file that can't be read as a compose file. Nothing else that is wrong with a file is thrown. */
export class Unreadable extends Error {}

/** What `!reset` stands for: the files before haven't said it. */
export const RESET = Symbol("!reset");

const MOST_TEXT = 1_000_000;
/** Aliases of aliases can stand for more than a machine can hold. */
const MOST_VALUES = 100_000;
const DEEPEST = 50;

/** A compose file's text, with every part knowing where it stands. */
export class ComposeDocument {
  readonly file: string;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();
  readonly #entries = new Map<Node, ReadonlyMap<string, Entry>>();
  #left = MOST_VALUES;

  constructor(file: string, text: string) {
    this.file = file;
    if (text.length > MOST_TEXT) throw new Unreadable(`${file} has more than ${MOST_TEXT} characters`);
    this.#document = parseDocument(text, {
      schema: "core",
      prettyErrors: false,
      logLevel: "silent",
      lineCounter: this.#lines,
    });
    const [error] = this.#document.errors;
    if (error) {
      const { line, column } = this.#at(error.pos[0]);
      // The rest of the message may quote what stands there.
      throw new Unreadable(`${file}:${line}:${column} is not YAML: ${error.code.toLowerCase().replaceAll("_", " ")}`);
    }
  }

  get root(): Node | null {
    return this.#document.contents;
  }

  spotOf(node: Node): Spot {
    return this.#at(node.range?.[0] ?? 0);
  }

  /** The node that an alias stands for. */
  resolved(node: Node | null | undefined): Node | null {
    let found: Node | null | undefined = node;
    for (let steps = 0; isAlias(found); steps += 1) {
      if (steps > DEEPEST) return null;
      found = found.resolve(this.#document) as Node | undefined;
    }
    return found ?? null;
  }

  /** What a map says, with what is merged into it by `<<`. */
  entries(node: Node | null | undefined, depth = 0): ReadonlyMap<string, Entry> {
    const map = this.resolved(node);
    if (!isMap(map) || depth > DEEPEST) return new Map();
    const known = this.#entries.get(map);
    if (known) return known;
    const found = new Map<string, Entry>();
    // A map that merges itself ends here.
    this.#entries.set(map, found);
    const merged: Node[] = [];
    for (const { key, value } of (map as YAMLMap.Parsed).items) {
      if (!isScalar(key)) continue;
      const name = String(key.source ?? key.value ?? "");
      // JavaScript would take it for the object's prototype.
      if (name === "__proto__") continue;
      if (name === "<<") merged.push(...this.#sources(value as Node | null));
      else found.set(name, { key, value: value as Node | null });
    }
    for (const source of merged) {
      for (const [name, entry] of this.entries(source, depth + 1)) if (!found.has(name)) found.set(name, entry);
    }
    return found;
  }

  items(node: Node | null | undefined): readonly Node[] {
    const list = this.resolved(node);
    return isSeq(list) ? (list.items.filter((item) => item !== null) as Node[]) : [];
  }

  /** `!override`, and what else YAML may be told of a value. */
  tagOf(node: Node | null | undefined): string | undefined {
    return node && "tag" in node ? (node.tag as string | undefined) : undefined;
  }

  text(node: Node | null | undefined): string | undefined {
    const scalar = this.resolved(node);
    if (!isScalar(scalar) || scalar.value === null || scalar.value === undefined) return undefined;
    return typeof scalar.value === "string" ? scalar.value : String(scalar.source ?? scalar.value);
  }

  /** The value, each text as `read` makes it. */
  value(node: Node | null | undefined, read: (text: string) => string, depth = 0): unknown {
    this.#left -= 1;
    if (this.#left < 0 || depth > DEEPEST)
      throw new Unreadable(`${this.file} is nested too deeply, or its aliases stand for too much`);
    if (this.tagOf(node) === "!reset") return RESET;
    const found = this.resolved(node);
    if (isScalar(found)) return typeof found.value === "string" ? read(found.value) : found.value;
    if (isSeq(found)) return found.items.map((item) => this.value(item as Node | null, read, depth + 1));
    if (!isMap(found)) return null;
    return Object.fromEntries([...this.entries(found)].map(([name, { value }]) => [name, this.value(value, read, depth + 1)]));
  }

  #sources(value: Node | null): readonly Node[] {
    const source = this.resolved(value);
    return isSeq(source) ? (source.items as Node[]) : source ? [source] : [];
  }

  #at(offset: number): Spot {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col) };
  }
}
