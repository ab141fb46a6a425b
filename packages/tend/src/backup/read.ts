import { Failure } from "../model/failure.ts";
import type { Manifest, StoredFile } from "../model/manifest.ts";
import type { Store } from "./destination/store.ts";
import { isSealed, wholeFile } from "./open-file.ts";

/** What a backup's description is called where it is kept. */
export function aboutFile(manifest: Manifest): string {
  return Object.keys(manifest.files).find((file) => file.startsWith("about.")) as string;
}

export function payloadFile(manifest: Manifest): string {
  return Object.keys(manifest.files).find((file) => file.startsWith("data.")) as string;
}

/** Bytes of everything that is kept of a backup. */
export function keptBytes({ files }: { readonly files: Readonly<Record<string, { readonly bytes: number }>> }): number {
  return Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
}

/** A file of a backup that fits into memory, in clear. Throws what is wrong with it. */
export async function readWhole(store: Store, manifest: Manifest, file: string, identity: string | undefined): Promise<Buffer> {
  if (isSealed(file) && identity === undefined) {
    throw new Failure({
      id: "seal.identity",
      exit: "refused",
      title: `${manifest.name} is encrypted, and the declaration names no identity that opens it`,
      changed: "nothing",
      help: `apps.${manifest.app}.backups.encrypt.identity in tend.yaml: the file that age-keygen made`,
    });
  }
  const kept = { backup: manifest.name, where: store.text, file, stored: manifest.files[file] as StoredFile };
  const through = await wholeFile(kept, identity);
  const parts: Uint8Array[] = [];
  for await (const part of through(await store.read(manifest.app, manifest.name, file))) parts.push(part);
  return Buffer.concat(parts);
}
