import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { catalogue, type Entry } from "../../packages/tend/src/backup/catalogue.ts";
import type { Store } from "../../packages/tend/src/backup/destination/store.ts";
import { opening } from "../../packages/tend/src/backup/seal.ts";

/** What was backed up, by the backup's name. */
export type Originals = ReadonlyMap<string, Buffer>;

/** All backups that the stores have, after each that is listed as good was restored, and compared with what it was made of. */
export async function restorable(
  app: string,
  stores: readonly Store[],
  originals: Originals,
  identity?: string,
): Promise<readonly Entry[]> {
  const entries = catalogue(
    app,
    await Promise.all(stores.map(async (store) => ({ at: store.text, listed: await store.list(app) }))),
  );
  for (const { name, copies } of entries) {
    for (const copy of copies) {
      if (copy.state !== "good") continue;
      const store = stores.find(({ text }) => text === copy.at) as Store;
      const file = Object.keys(copy.manifest.files).find((one) => !one.startsWith("about")) ?? "";
      const stored = await buffer(await store.read(app, name, file));
      const restored = file.endsWith(".age") && identity ? await buffer((await opening(identity))(only(stored))) : stored;
      if (!originals.get(name)?.equals(restored))
        throw new Error(`${name} at ${copy.at} is listed as good, and is not what was backed up`);
      const sha256 = createHash("sha256").update(restored).digest("hex");
      const written = copy.manifest.files[file];
      if ((written?.clear ?? written)?.sha256 !== sha256) throw new Error(`the manifest of ${name} at ${copy.at} is wrong`);
    }
  }
  return entries;
}

/** In how many places it is good. */
export function goodCopies(entries: readonly Entry[], name: string): number {
  return entries.find((entry) => entry.name === name)?.copies.filter(({ state }) => state === "good").length ?? 0;
}

async function* only(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
