// A name under which containers say the same once, together, or (when they differ) not at all.
import { log } from "./log.ts";

export class Merged<T> {
  private readonly kind: "Router" | "Service";
  private readonly values = new Map<string, T>();
  private readonly roots = new Map<string, string[]>();
  private readonly broken = new Set<string>();

  constructor(kind: "Router" | "Service") {
    this.kind = kind;
  }

  add(name: string, value: T, root: string, accept: (known: T, value: T) => boolean): void {
    this.roots.set(name, [...(this.roots.get(name) ?? []), root]);
    const known = this.values.get(name);
    if (known === undefined) this.values.set(name, value);
    else if (!accept(known, value)) this.broken.add(name);
  }

  result(): Map<string, T> {
    for (const name of this.broken) {
      const fields = { configuration: this.roots.get(name), [`${this.kind.toLowerCase()}Name`]: name };
      log("ERR", `${this.kind} defined multiple times with different configurations`, fields);
    }
    return new Map([...this.values].filter(([name]) => !this.broken.has(name)));
  }
}
