import { readFileSync, statSync } from "node:fs";
import { posix, resolve } from "node:path";
import { parseEnv } from "node:util";
import { isScalar, type Node } from "yaml";
import { ComposeDocument, Unreadable } from "./document.ts";
import { interpolate, type Variables, withoutMarks } from "./interpolate.ts";

/** What a file of a project says of a service. */
export interface Layer {
  readonly document: ComposeDocument;
  /** The service's name there. */
  readonly key: Node;
  readonly node: Node | null;
  readonly variables: Variables;
  /** Where its relative paths start from. */
  readonly folder: string;
  /** It isn't the service itself, but what it `extends`. */
  readonly inherited: boolean;
}

export interface ComposeFiles {
  /** Of each service, what is laid over what: the last one counts. */
  readonly layers: ReadonlyMap<string, readonly Layer[]>;
  /** The files as they were read, the last one counts. */
  readonly documents: readonly { readonly document: ComposeDocument; readonly variables: Variables }[];
  /** What could not be followed: a file that isn't there, an include from the network. */
  readonly troubles: readonly string[];
}

/** A file's text; undefined where there is none. Names are relative to the app's folder, or absolute. */
export type ReadFile = (name: string) => string | undefined;

export interface Given {
  /** Compose files, in Compose's order. */
  readonly files: readonly string[];
  readonly variables: Variables;
  readonly read: ReadFile;
}

const MOST_FILES = 50;
const DEEPEST = 20;

/** Reads compose files and those that they include and extend. Throws `Unreadable` where one of the files themselves can't be read. */
export function readComposeFiles({ files, variables, read }: Given): ComposeFiles {
  return new Reader(read).all(files, variables);
}

/** The variables of env files; a later one counts. */
export function variablesOf(texts: readonly (string | undefined)[]): Variables {
  const all = texts.flatMap((text) => (text === undefined ? [] : Object.entries(parseEnv(text))));
  return new Map(all.map(([name, value]) => [name, value ?? ""]));
}

const MOST_BYTES = 1_000_000;

/** The files of a folder of this machine. */
export function reader(folder: string): ReadFile {
  return (name) => {
    const path = resolve(folder, name);
    try {
      const { size } = statSync(path);
      return size > MOST_BYTES ? undefined : readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  };
}

class Reader {
  readonly #read: ReadFile;
  readonly #documents = new Map<string, ComposeDocument>();
  readonly #layers = new Map<string, Layer[]>();
  readonly #inOrder: { document: ComposeDocument; variables: Variables }[] = [];
  readonly #troubles: string[] = [];

  constructor(read: ReadFile) {
    this.#read = read;
  }

  all(files: readonly string[], variables: Variables): ComposeFiles {
    const folder = posix.dirname(files[0] ?? ".");
    for (const file of files) this.#file(file, folder, variables, 0);
    return { layers: this.#layers, documents: this.#inOrder, troubles: this.#troubles };
  }

  #file(file: string, folder: string, variables: Variables, depth: number): void {
    const document = this.#open(file);
    const top = document.entries(document.root);
    for (const item of document.items(top.get("include")?.value)) this.#include(document, folder, item, variables, depth);
    this.#inOrder.push({ document, variables });
    for (const [name, { key, value }] of document.entries(top.get("services")?.value)) {
      const own = { document, key, node: value, variables, folder, inherited: false };
      const layers = [...this.#inherited(own, 0, new Set([`${file} ${name}`])), own];
      this.#layers.set(name, [...(this.#layers.get(name) ?? []), ...layers]);
    }
  }

  #include(from: ComposeDocument, folder: string, item: Node, variables: Variables, depth: number): void {
    const long = from.entries(item);
    const said = (key: string) => textsOf(from, long.get(key)?.value).map((text) => beside(folder, text, variables));
    const paths = textsOf(from, isScalar(from.resolved(item)) ? item : long.get("path")?.value);
    const files = paths.map((path) => beside(folder, path, variables));
    const [there = posix.dirname(files[0] ?? ".")] = said("project_directory");
    const envFiles = long.has("env_file") ? said("env_file") : [posix.join(there, ".env")];
    const known = new Map([...variablesOf(envFiles.map(this.#read)), ...variables]);
    for (const [at, file] of files.entries()) {
      const path = paths[at] as string;
      if (/^[a-z+]+:|^git@/i.test(path))
        this.#troubles.push(`${from.file} includes ${path.split(":")[0]}:…, which isn't followed`);
      else if (depth > DEEPEST || this.#documents.size > MOST_FILES) this.#troubles.push(`${from.file} includes too many files`);
      else if (this.#read(file) === undefined) this.#troubles.push(`${from.file} includes ${path}, which can't be read`);
      else this.#file(file, there, known, depth + 1);
    }
  }

  /** What a service extends, and what that extends, the furthest first. */
  #inherited({ document, node, variables, folder }: Layer, depth: number, seen: ReadonlySet<string>): readonly Layer[] {
    const value = document.entries(node).get("extends")?.value;
    const long = document.entries(value);
    const service = document.text(value) ?? document.text(long.get("service")?.value);
    if (service === undefined) return [];
    const path = document.text(long.get("file")?.value);
    const file = path === undefined ? document.file : beside(folder, path, variables);
    const step = `${file} ${service}`;
    if (depth > DEEPEST || seen.has(step)) return this.#trouble(`${document.file}: ${service} extends itself`);
    if (file !== document.file && this.#read(file) === undefined)
      return this.#trouble(`${document.file} extends ${service} of ${path}, which can't be read`);
    const base = this.#open(file);
    const found = base.entries(base.entries(base.root).get("services")?.value).get(service);
    if (!found) return this.#trouble(`${document.file} extends ${service}, which ${file} hasn't`);
    const start = file === document.file ? folder : posix.dirname(file);
    const layer = { document: base, key: found.key, node: found.value, variables, folder: start, inherited: true };
    return [...this.#inherited(layer, depth + 1, new Set([...seen, step])), layer];
  }

  #trouble(text: string): readonly Layer[] {
    this.#troubles.push(text);
    return [];
  }

  #open(file: string): ComposeDocument {
    const known = this.#documents.get(file);
    if (known) return known;
    const text = this.#read(file);
    if (text === undefined) throw new Unreadable(`${file} isn't there`);
    const document = new ComposeDocument(file, text);
    this.#documents.set(file, document);
    return document;
  }
}

/** One text, or a list of them. */
function textsOf(document: ComposeDocument, node: Node | null | undefined): readonly string[] {
  const one = document.text(node);
  return one === undefined ? document.items(node).flatMap((item) => document.text(item) ?? []) : [one];
}

function beside(folder: string, path: string, variables: Variables): string {
  const meant = withoutMarks(interpolate(path, variables));
  return posix.isAbsolute(meant) ? posix.normalize(meant) : posix.join(folder, meant);
}
