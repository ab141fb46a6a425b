import { posix } from "node:path";
import { parseEnv } from "node:util";
import type { Node } from "yaml";
import { ComposeDocument, Unreadable } from "./document.ts";
import { interpolate, type Variables } from "./interpolate.ts";

/** What a file of a project says of a service. */
export interface Layer {
  readonly document: ComposeDocument;
  /** The service's name there. */
  readonly key: Node;
  readonly node: Node | null;
  readonly variables: Variables;
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

/** A file's text; undefined where there is none. Names are relative to the app's folder. */
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
    for (const file of files) this.#file(file, variables, 0);
    return { layers: this.#layers, documents: this.#inOrder, troubles: this.#troubles };
  }

  #file(file: string, variables: Variables, depth: number): void {
    const document = this.#open(file);
    const top = document.entries(document.root);
    for (const item of document.items(top.get("include")?.value)) this.#include(document, item, variables, depth);
    this.#inOrder.push({ document, variables });
    for (const [name, { key, value }] of document.entries(top.get("services")?.value)) {
      const own = { document, key, node: value, variables, inherited: false };
      const layers = [...this.#inherited(own, 0, new Set([`${file} ${name}`])), own];
      this.#layers.set(name, [...(this.#layers.get(name) ?? []), ...layers]);
    }
  }

  #include(from: ComposeDocument, item: Node, variables: Variables, depth: number): void {
    const long = from.entries(item);
    const paths = long.get("path")?.value;
    const named = from.text(item) ?? from.text(paths);
    const all = named === undefined ? from.items(paths).flatMap((path) => from.text(path) ?? []) : [named];
    const envs = from.text(long.get("env_file")?.value);
    for (const given of all) {
      const path = interpolate(given, variables);
      const file = posix.join(posix.dirname(from.file), path);
      if (/^[a-z+]+:|^git@/i.test(path))
        this.#troubles.push(`${from.file} includes ${path.split(":")[0]}:…, which isn't followed`);
      else if (depth > DEEPEST || this.#documents.size > MOST_FILES) this.#troubles.push(`${from.file} includes too many files`);
      else if (this.#read(file) === undefined) this.#troubles.push(`${from.file} includes ${path}, which can't be read`);
      else {
        const folder = posix.dirname(from.file);
        const env =
          envs === undefined ? posix.join(posix.dirname(file), ".env") : posix.join(folder, interpolate(envs, variables));
        this.#file(file, new Map([...variablesOf([this.#read(env)]), ...variables]), depth + 1);
      }
    }
  }

  /** What a service extends, and what that extends, the furthest first. */
  #inherited({ document, node, variables }: Layer, depth: number, seen: ReadonlySet<string>): readonly Layer[] {
    const value = document.entries(node).get("extends")?.value;
    const long = document.entries(value);
    const service = document.text(value) ?? document.text(long.get("service")?.value);
    if (service === undefined) return [];
    const path = document.text(long.get("file")?.value);
    const file = path === undefined ? document.file : posix.join(posix.dirname(document.file), interpolate(path, variables));
    const step = `${file} ${service}`;
    if (depth > DEEPEST || seen.has(step)) return this.#trouble(`${document.file}: ${service} extends itself`);
    if (file !== document.file && this.#read(file) === undefined)
      return this.#trouble(`${document.file} extends ${service} of ${path}, which can't be read`);
    const base = this.#open(file);
    const found = base.entries(base.entries(base.root).get("services")?.value).get(service);
    if (!found) return this.#trouble(`${document.file} extends ${service}, which ${file} hasn't`);
    const layer = { document: base, key: found.key, node: found.value, variables, inherited: true };
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
