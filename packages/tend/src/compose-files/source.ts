import type { Node } from "yaml";
import type { Entry, Spot } from "./document.ts";
import type { ComposeFiles, Layer } from "./files.ts";

/** A value as a file has it: before variables are put in. */
export interface Written {
  readonly name: string;
  readonly text: string;
  readonly spot: Spot;
  /** `- NAME=value` rather than `NAME: value`. */
  readonly inList: boolean;
}

/** Where the files say what they say of a service. */
export class ServiceSource {
  readonly #layers: readonly Layer[];

  constructor(files: ComposeFiles, service: string) {
    this.#layers = files.layers.get(service) ?? [];
  }

  /** The service's own line, in the last file that has it: the place for what is missing. */
  get own(): Spot {
    const layer = this.#layers.findLast((one) => !one.inherited) ?? this.#layers.at(-1);
    return layer ? layer.document.spotOf(layer.key) : { file: "compose file", line: 1, column: 1 };
  }

  /** The key, or the one nearest above it; the service's own line where no file has it. */
  key(...path: readonly string[]): Spot {
    for (const layer of this.#layers.toReversed()) {
      const found = keyAt(layer, path);
      if (found) return layer.document.spotOf(found);
    }
    return this.own;
  }

  /** The text that a key has, as it was written. */
  text(key: string): string | undefined {
    for (const { document, node } of this.#layers.toReversed()) {
      const text = document.text(document.entries(node).get(key)?.value);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** The item of a list that has one of these texts in it; the list's key where none has. */
  item(key: string, ...texts: readonly string[]): Spot {
    for (const text of texts) {
      for (const { document, node } of this.#layers.toReversed()) {
        const found = document
          .items(document.entries(node).get(key)?.value)
          .find((item) => textsIn(document, item).some((one) => one.includes(text)));
        if (found) return document.spotOf(found);
      }
    }
    return this.key(key);
  }

  /** What a map of variables or labels says, each where it counts: `environment`, `labels`, or below a key: `build`, `args`. */
  written(...path: readonly string[]): readonly Written[] {
    const all = new Map<string, Written>();
    for (const layer of this.#layers) {
      const { document } = layer;
      const node = path.reduce<Node | null>((below, key) => document.entries(below).get(key)?.value ?? null, layer.node);
      for (const [name, { key, value }] of document.entries(node)) {
        const text = document.text(value);
        if (text !== undefined) all.set(name, { name, text, spot: document.spotOf(key), inList: false });
      }
      for (const item of document.items(node)) {
        const text = document.text(item) ?? "";
        const at = text.indexOf("=");
        const name = at === -1 ? text : text.slice(0, at);
        if (at !== -1) all.set(name, { name, text: text.slice(at + 1), spot: document.spotOf(item), inList: true });
      }
    }
    return [...all.values()];
  }

  /** Every text below a key, with its place: a command's words, say. */
  words(key: string): readonly { readonly text: string; readonly spot: Spot }[] {
    const layer = this.#layers.findLast(({ document, node }) => document.entries(node).has(key));
    if (!layer) return [];
    const { document } = layer;
    const entry = document.entries(layer.node).get(key) as Entry;
    const whole = document.text(entry.value);
    if (whole !== undefined) return [{ text: whole, spot: document.spotOf(entry.key) }];
    return document.items(entry.value).flatMap((item) => {
      const text = document.text(item);
      return text === undefined ? [] : [{ text, spot: document.spotOf(item) }];
    });
  }
}

function keyAt({ document, node }: Layer, path: readonly string[]): Node | undefined {
  let below: Node | null = node;
  let found: Node | undefined;
  for (const step of path) {
    const entry: Entry | undefined = document.entries(below).get(step);
    if (!entry) break;
    found = entry.key;
    below = entry.value;
  }
  return found;
}

function textsIn(document: Layer["document"], item: Node): readonly string[] {
  const text = document.text(item);
  if (text !== undefined) return [text];
  return [...document.entries(item).values()].flatMap(({ value }) => document.text(value) ?? []);
}
