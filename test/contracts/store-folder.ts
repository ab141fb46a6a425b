import { mkdirSync, writeFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Store } from "../../packages/tend/src/backup/destination/store.ts";
import { memoryFolder } from "./memory-folder.ts";
import type { StoreUnderTest } from "./store.ts";

/** A store in a folder of this machine, however it is reached. */
export async function inFolder(open: (folder: string) => Store): Promise<StoreUnderTest> {
  const above = await memoryFolder("tend-store-");
  const folder = join(above, "not there yet", "it's");
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  return {
    store: open(folder),
    litter: write,
    async plant(app, names, manifest) {
      for (const name of names) {
        mkdirSync(join(folder, app, name), { recursive: true });
        writeFileSync(join(folder, app, name, "manifest.json"), manifest);
        writeFileSync(join(folder, app, name, "data.dump"), "abc");
      }
    },
    close: () => rm(above, { recursive: true }),
  };
}
