import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Store } from "../../packages/tend/src/backup/destination/store.ts";
import { destinationFailure } from "../../packages/tend/src/backup/destination/trouble.ts";
import type { Faults } from "./faults.ts";

/** What a place keeps: by `APP/NAME/FILE`, the published; and what isn't yet. */
export interface Kept {
  readonly published: Map<string, Map<string, Buffer>>;
  readonly partial: Map<string, Map<string, Buffer>>;
}

export function nothingKept(): Kept {
  return { published: new Map(), partial: new Map() };
}

export function copyOf({ published, partial }: Kept): Kept {
  const copy = (all: Kept["partial"]) => new Map([...all].map(([path, files]) => [path, new Map(files)]));
  return { published: copy(published), partial: copy(partial) };
}

/** A store in memory. What passes in and out of it passes the faults. */
export function openMemory(kept: Kept, text: string, faults: Faults): Store {
  const failed = (what: string) => destinationFailure("failed", text, [what]);
  const of = (all: Map<string, Map<string, Buffer>>, app: string) => [...all].filter(([path]) => path.startsWith(`${app}/`));
  return {
    text,
    async list(app) {
      await faults.pass();
      return of(kept.published, app).map(([path, files]) => ({
        name: path.slice(app.length + 1),
        manifest: files.get("manifest.json")?.toString("utf8") ?? "",
        files: Object.fromEntries([...files].flatMap(([file, { length }]) => (file === "manifest.json" ? [] : [[file, length]]))),
      }));
    },
    async put(app, name, file, bytes) {
      await faults.pass();
      const all = await buffer(Readable.from(faults.through(bytes), { objectMode: false })).catch((error: unknown) => {
        bytes.destroy();
        throw error;
      });
      bytes.resume(); // one that lies about having taken all
      const files = kept.partial.get(`${app}/${name}`) ?? new Map<string, Buffer>();
      kept.partial.set(`${app}/${name}`, files.set(file, all));
      await faults.pass();
    },
    async read(app, name, file) {
      await faults.pass();
      const bytes = (kept.published.get(`${app}/${name}`) ?? kept.partial.get(`${app}/${name}`))?.get(file);
      if (!bytes) throw failed(`there is no ${file}`);
      return Readable.from(faults.through(chunked(bytes)), { objectMode: false });
    },
    async publish(app, name, manifest) {
      const due = await faults.pass(["error", "raw", "abort", "flip", "cut"]);
      const files = kept.partial.get(`${app}/${name}`);
      if (!files) throw failed("there is nothing to publish");
      const text = Buffer.from(due === "cut" ? manifest.slice(0, -20) : manifest);
      if (due === "flip") text[100] = (text[100] ?? 0) ^ 1;
      kept.published.set(`${app}/${name}`, files.set("manifest.json", text));
      kept.partial.delete(`${app}/${name}`);
      await faults.pass();
    },
    async sweep(app) {
      await faults.pass();
      for (const [path] of of(kept.partial, app)) kept.partial.delete(path);
    },
    async remove(app, name) {
      await faults.pass();
      kept.published.delete(`${app}/${name}`);
    },
    close: async () => undefined,
  };
}

async function* chunked(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1024) yield bytes.subarray(at, at + 1024);
}
