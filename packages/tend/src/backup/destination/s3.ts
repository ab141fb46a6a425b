import { Failure } from "../../model/failure.ts";
import { type BackupName, backupName } from "../../model/names.ts";
import { checkApp, checkFile, checkName, MANIFEST } from "./place.ts";
import { type Environment, type S3Destination, s3Account } from "./s3-account.ts";
import { type Patience, S3Client } from "./s3-client.ts";
import { abortUpload, upload } from "./s3-upload.ts";
import { element, elements } from "./s3-xml.ts";
import type { Listed, Store } from "./store.ts";
import { destinationFailure } from "./trouble.ts";

const AT_ONCE = 16;

interface Stored {
  readonly name: BackupName;
  readonly file: string;
  readonly bytes: number;
}

/** Backups in a bucket. There a backup is published by its manifest, the last of its objects. */
export function openS3(destination: S3Destination, text: string, env: Environment, patience: Partial<Patience> = {}): Store {
  const client = new S3Client(s3Account(destination, text, env), text, patience);
  const folder = (app: string) => `${destination.prefix ? `${destination.prefix}/` : ""}${checkApp(app)}/`;
  const keyOf = (app: string, name: BackupName, file: string) => `${folder(app)}${checkName(name)}/${checkFile(file)}`;
  const told = <T>(work: Promise<T>) => work.catch((error: unknown) => Promise.reject(failureOf(text, error)));
  const remove = (key: string) => client.ask({ method: "DELETE", key, also: [404] });

  const all = async (app: string): Promise<ReadonlyMap<BackupName, readonly Stored[]>> => {
    const found: Stored[] = [];
    for await (const page of pages(client, { "list-type": "2", prefix: folder(app) })) {
      found.push(...elements(page, "Contents").flatMap((entry) => storedOf(entry, folder(app))));
    }
    return Map.groupBy(found, ({ name }) => name);
  };

  const listed = async (app: string, name: BackupName, stored: readonly Stored[]): Promise<Listed | undefined> => {
    const { status, text: manifest } = await client.ask({ method: "GET", key: keyOf(app, name, MANIFEST), also: [404] });
    if (status === 404) return undefined;
    const files = stored.filter(({ file }) => file !== MANIFEST);
    return { name, manifest, files: Object.fromEntries(files.map(({ file, bytes }) => [file, bytes])) };
  };

  const uploadsOf = async (app: string): Promise<readonly { readonly key: string; readonly id: string }[]> => {
    // Not everything that speaks S3 can list them, and what can't needn't.
    const { status, text: page } = await client.ask({
      method: "GET",
      key: "",
      query: { uploads: "", prefix: folder(app) },
      also: [400, 403, 404, 405, 501],
    });
    if (status !== 200) return [];
    return elements(page, "Upload").flatMap((entry) => {
      const [key, id] = [element(entry, "Key"), element(entry, "UploadId")];
      return key?.startsWith(folder(app)) && id ? [{ key, id }] : [];
    });
  };

  return {
    text,
    list: (app) =>
      told(
        (async () => {
          const published = [...(await all(app))].filter(([, stored]) => stored.some(isManifest));
          const found = await someAtOnce(published, ([name, stored]) => listed(app, name, stored));
          return found.filter((one) => one !== undefined);
        })(),
      ),
    put: (app, name, file, bytes) =>
      told(
        upload(client, keyOf(app, name, file), bytes).catch((error: unknown) => {
          bytes.destroy();
          throw error;
        }),
      ),
    read: (app, name, file) => told(client.read(keyOf(app, name, file))),
    publish: (app, name, manifest) =>
      told(
        (async () => {
          const key = keyOf(app, name, MANIFEST);
          const { status } = await client.ask({ method: "GET", key, also: [404] });
          if (status !== 404) throw new Error(`${name} exists`);
          await client.ask({ method: "PUT", key, body: Buffer.from(manifest) });
        })(),
      ),
    sweep: (app) =>
      told(
        (async () => {
          await someAtOnce(await uploadsOf(app), ({ key, id }) => abortUpload(client, key, id));
          const unpublished = [...(await all(app))].filter(([, stored]) => !stored.some(isManifest));
          await someAtOnce(unpublished, async ([name, stored]) => {
            // A listing is no ground to delete on: it may be behind, or have been garbled on its way.
            const { status } = await client.ask({ method: "GET", key: keyOf(app, name, MANIFEST), also: [404] });
            if (status === 404) for (const { file } of stored) await remove(`${folder(app)}${name}/${file}`);
          });
        })(),
      ),
    remove: (app, name) =>
      told(
        (async () => {
          const stored = (await all(app)).get(checkName(name)) ?? [];
          await remove(keyOf(app, name, MANIFEST));
          await someAtOnce(stored, ({ file }) => remove(`${folder(app)}${name}/${file}`));
        })(),
      ),
    close: async () => client.close(),
  };
}

/** What a listing's entry says of a backup's file; what stands there beside backups is nobody's business. */
function storedOf(entry: string, folder: string): readonly Stored[] {
  const key = element(entry, "Key") ?? "";
  if (!key.startsWith(folder)) return [];
  const [first = "", file, ...deeper] = key.slice(folder.length).split("/");
  const name = backupName.parse(first);
  return name && file && deeper.length === 0 ? [{ name, file, bytes: Number(element(entry, "Size")) }] : [];
}

function isManifest({ file }: Stored): boolean {
  return file === MANIFEST;
}

/** The pages of a listing. */
async function* pages(client: S3Client, query: Readonly<Record<string, string>>): AsyncGenerator<string> {
  for (let token: string | undefined; ; ) {
    const { text } = await client.ask({
      method: "GET",
      key: "",
      query: { ...query, ...(token === undefined ? {} : { "continuation-token": token }) },
    });
    if (!/<ListBucketResult[\s>]/.test(text)) throw new Error("the answer is no listing of a bucket");
    yield text;
    if (element(text, "IsTruncated") !== "true") return;
    const next = element(text, "NextContinuationToken");
    if (!next || next === token) throw new Error("the listing was cut off");
    token = next;
  }
}

async function someAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [at, item] of left) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}

function failureOf(text: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  return destinationFailure("failed", text, [error instanceof Error ? error.message : String(error)], { cause: error });
}
