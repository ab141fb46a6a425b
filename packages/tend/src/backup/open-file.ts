import type { StoredFile } from "../model/manifest.ts";
import { opening } from "./seal.ts";
import { expecting } from "./tally.ts";
import { brokenBackup } from "./troubles.ts";

type Bytes = AsyncIterable<Uint8Array>;

/** A file of a backup, as it is called where it is kept. */
export interface KeptFile {
  readonly backup: string;
  /** The destination, for people. */
  readonly where: string;
  readonly file: string;
  readonly stored: StoredFile;
}

export function isSealed(file: string): boolean {
  return file.endsWith(".age");
}

/** Lets a kept file through, opened where an identity is given; it ends only if all of it is as it was written. */
export async function wholeFile(
  { backup, where, file, stored }: KeptFile,
  identity: string | undefined,
): Promise<(source: Bytes) => AsyncGenerator<Uint8Array>> {
  const asKept = expecting(stored, (reason) => brokenBackup(backup, where, `${file}: ${reason}`));
  if (!isSealed(file) || identity === undefined) return asKept;
  const open = await opening(identity);
  if (!stored.clear) return (source) => open(asKept(source));
  const inClear = expecting(stored.clear, (reason) => brokenBackup(backup, where, `${file}, opened: ${reason}`));
  return (source) => inClear(open(asKept(source)));
}
