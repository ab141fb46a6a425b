import { isAlias, isScalar, isSeq, type ParsedNode, parseDocument, type YAMLMap } from "yaml";
import { type Problem, quoted } from "./problem.ts";
import type { SourceText, Span } from "./text.ts";
import type { Entry, Scalar, ScalarTree, Tree } from "./tree.ts";

const MAX_TEXT = 1_000_000;
const MAX_VALUES = 100_000;
const MAX_ENTRIES = 1000;
const MAX_DEPTH = 40;
/** What follows the first few syntax errors is mostly their echo. */
const MAX_SYNTAX_ERRORS = 5;

export interface Parsed {
  /** Absent when it couldn't be read as a whole: what is missing then would only look like further mistakes. */
  readonly tree?: Tree;
  readonly problems: readonly Problem[];
}

/** YAML text to a tree. Duplicate keys are reported and skipped, so that the rest can still be checked. */
export function parseTree(source: SourceText): Parsed {
  const unreadable = notText(source);
  if (unreadable) return { problems: [unreadable] };
  const document = parseDocument(source.text, {
    prettyErrors: false,
    // The library compares each key with each other one; a map finds duplicates in one pass.
    uniqueKeys: false,
    schema: "core",
    resolveKnownTags: false,
  });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) return { problems: broken.slice(0, MAX_SYNTAX_ERRORS).map((error) => syntaxProblem(source, error)) };
  if (!document.contents) {
    return { problems: [source.problem(nowhere, "the declaration is empty", "expected at least fleet: NAME and hosts:")] };
  }
  const reader = new TreeReader(source);
  const tree = reader.read(document.contents as ParsedNode, []);
  return { tree: reader.isWhole ? tree : undefined, problems: reader.problems };
}

const nowhere: Span = { start: 0, end: 1 };

function notText(source: SourceText): Problem | undefined {
  if (source.text.length > MAX_TEXT) {
    return source.problem(nowhere, `more than ${MAX_TEXT} characters`, "expected a declaration");
  }
  const at = source.text.search(UNREADABLE);
  if (at === -1) return undefined;
  const code = controlIn(source.text.slice(at, at + 1));
  const what = code === undefined ? "a byte that is not UTF-8" : `the control character ${code}`;
  return source.problem({ start: at, end: at + 1 }, `${what} in the declaration`, "expected UTF-8 text");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const UNREADABLE = new RegExp(`${CONTROL.source}|\ufffd`);

/** A control character's code in hexadecimal, if there is one. */
function controlIn(text: string): string | undefined {
  const found = CONTROL.exec(text)?.[0];
  return found?.charCodeAt(0).toString(16).padStart(2, "0");
}

function syntaxProblem(source: SourceText, error: { code: string; message: string; pos: [number, number] }): Problem {
  const span = { start: error.pos[0], end: error.pos[1] };
  if (error.code === "TAB_AS_INDENT") return source.problem(span, "a tab indents this line", "expected blanks");
  if (error.code === "MULTIPLE_DOCS")
    return source.problem(span, "a second document begins here", "expected one declaration a file");
  if (error.code === "RESOURCE_EXHAUSTION") return source.problem(span, tooDeep);
  const [sentence = ""] = error.message.split("\n");
  return source.problem(span, `not YAML: ${sentence.slice(0, 120)}`);
}

const tooDeep = "nested too deeply";

class TreeReader {
  readonly problems: Problem[] = [];
  isWhole = true;
  readonly #source: SourceText;
  readonly #anchors = new Map<string, ParsedNode>();
  /** The nodes that are being read, outermost first: an alias to one of them never ends. */
  readonly #open = new Set<ParsedNode>();
  #values = 0;

  constructor(source: SourceText) {
    this.#source = source;
  }

  read(node: ParsedNode | null, path: readonly string[], keyAt: Span = nowhere): Tree {
    const at = node ? spanOf(node) : keyAt;
    const nothing: ScalarTree = { kind: "scalar", path, at, value: null };
    if (!node || !this.#affordable(at)) return nothing;
    if (this.#open.size >= MAX_DEPTH) return this.#refuse(nothing, tooDeep);
    if (isAlias(node)) return this.#follow(node.source, nothing);
    if (node.anchor) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#scalar(scalarValue(node.value, node.source), nothing);
    if (node.items.length > MAX_ENTRIES)
      return this.#refuse(nothing, `${node.items.length} entries in one place`, `expected at most ${MAX_ENTRIES}`);
    this.#open.add(node);
    const tree: Tree = isSeq(node)
      ? { kind: "list", path, at, items: node.items.map((item) => this.read(item as ParsedNode, path, at)) }
      : { kind: "map", path, at, entries: this.#entries(node as YAMLMap.Parsed, path) };
    this.#open.delete(node);
    return tree;
  }

  /** Escapes such as "\0" bring in what no argument, path or variable can carry. */
  #scalar(value: Scalar, nothing: ScalarTree): Tree {
    const code = typeof value === "string" ? controlIn(value) : undefined;
    return code === undefined ? { ...nothing, value } : this.#refuse(nothing, `the control character ${code} in a text`);
  }

  #entries(map: YAMLMap.Parsed, path: readonly string[]): ReadonlyMap<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? (key.source ?? "") : undefined;
      const keyAt = key ? spanOf(key) : spanOf(map);
      const earlier = name === undefined ? undefined : entries.get(name);
      if (name === undefined || name === "") this.#report(keyAt, "this key is not a name", "expected KEY: value");
      // JavaScript would take it for the object's prototype.
      else if (name === "__proto__") this.#report(keyAt, `the key ${quoted(name)} can't be used`);
      else if (earlier)
        this.#report(keyAt, `duplicate key ${quoted(name)}`, `first on line ${this.#source.lineOf(earlier.keyAt.start)}`);
      else entries.set(name, { keyAt, value: this.read(value, [...path, name], keyAt) });
    }
    return entries;
  }

  #follow(anchor: string, nothing: Tree): Tree {
    const target = this.#anchors.get(anchor);
    if (!target) return this.#refuse(nothing, `unknown alias ${quoted(anchor)}`, `expected an earlier &${anchor}`);
    if (this.#open.has(target)) return this.#refuse(nothing, `the alias ${quoted(anchor)} contains itself`);
    return this.read(target, nothing.path, nothing.at);
  }

  /** Aliases of aliases can stand for more values than a machine can hold. */
  #affordable(at: Span): boolean {
    this.#values += 1;
    if (this.#values < MAX_VALUES) return true;
    if (this.isWhole) this.#report(at, `more than ${MAX_VALUES} values, counting what aliases stand for`);
    this.isWhole = false;
    return false;
  }

  #refuse(tree: Tree, title: string, hint?: string): Tree {
    this.#report(tree.at, title, hint);
    this.isWhole = false;
    return tree;
  }

  #report(at: Span, title: string, hint?: string): void {
    this.problems.push(this.#source.problem(at, title, hint));
  }
}

function spanOf(node: { range?: readonly number[] | null }): Span {
  const [start = 0, end = start] = node.range ?? [];
  return { start, end };
}

/** `3.10` is 3.1 as a number: what would not be written back as it stands is kept as text. */
function scalarValue(value: unknown, source?: string): Scalar {
  if (typeof value === "number" && source !== undefined && String(value) !== source) return source;
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return String(value);
}
