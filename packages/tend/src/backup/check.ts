import { pipeline } from "node:stream/promises";
import { isDeepStrictEqual } from "node:util";
import type { Manifest } from "../model/manifest.ts";
import type { VerifyAction } from "../plan/plan.ts";
import { MANIFEST, MANIFEST_MOST } from "./destination/place.ts";
import type { Store } from "./destination/store.ts";
import { parseManifest } from "./manifest-text.ts";
import { isSealed, wholeFile } from "./open-file.ts";
import type { Outcome } from "./outcome.ts";
import { drain } from "./tally.ts";
import { brokenBackup } from "./troubles.ts";

/** Reads all of a backup where it is kept; what is sealed is opened too, when there is an identity. */
export async function verify(
  { manifest, identity }: VerifyAction,
  store: Store,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  await compareManifest(store, manifest);
  for (const [file, stored] of Object.entries(manifest.files)) {
    const whole = await wholeFile({ backup: manifest.name, where: store.text, file, stored }, identity);
    await pipeline(await store.read(manifest.app, manifest.name, file), whole, drain, { signal });
  }
  const unopened = identity === undefined && Object.keys(manifest.files).some(isSealed);
  return { ok: true, text: unopened ? "its sealed files were not opened: no identity was given" : "" };
}

async function compareManifest(store: Store, manifest: Manifest): Promise<void> {
  const broken = (reason: string) => brokenBackup(manifest.name, store.text, reason);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of await store.read(manifest.app, manifest.name, MANIFEST)) {
    bytes += (chunk as Buffer).length;
    if (bytes > MANIFEST_MOST) throw broken("its manifest is none");
    chunks.push(chunk as Buffer);
  }
  const parsed = parseManifest(Buffer.concat(chunks).toString("utf8"));
  if (!parsed.ok) throw broken(parsed.reason);
  if (!isDeepStrictEqual(parsed.manifest, JSON.parse(JSON.stringify(manifest)))) throw broken("its manifest is another one");
}
