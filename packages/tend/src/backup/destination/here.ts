import { homedir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Failure } from "../../model/failure.ts";
import { backupName } from "../../model/names.ts";
import { type Disk, disk as realDisk } from "./disk.ts";
import { checkApp, checkFile, checkName, MANIFEST, MANIFEST_MOST, PARTIAL, partial } from "./place.ts";
import { reading } from "./reading.ts";
import type { Listed, Store } from "./store.ts";
import { destinationFailure, troubleOf } from "./trouble.ts";

/** A file that is still being written; nothing reads it. */
const WRITING = ".writing";
const AT_ONCE = 32;

/** Backups in a folder of the machine that tend runs on. */
export function openHere(folder: string, text: string, disk: Disk = realDisk): Store {
  const root = folder === "~" || folder.startsWith("~/") ? join(homedir(), folder.slice(1)) : folder;
  const told = <T>(work: Promise<T>) => work.catch((error: unknown) => Promise.reject(failureOf(text, error)));
  const of = (app: string, ...rest: readonly string[]) => join(root, checkApp(app), ...rest);

  const listed = async (app: string, name: string): Promise<Listed | undefined> => {
    const entries = (await disk.entries(of(app, name))).filter((entry) => !entry.endsWith("/"));
    const files: Record<string, number> = {};
    for (const file of entries) {
      const size = file === MANIFEST ? undefined : await disk.size(of(app, name, file)).catch(() => undefined);
      if (size !== undefined) files[file] = size;
    }
    // One that can't be read is told from the others by that; it doesn't hide them.
    const manifest = await disk.head(of(app, name, MANIFEST), MANIFEST_MOST).catch(() => Buffer.alloc(0));
    const gone = entries.length === 0 && !(await disk.exists(of(app, name)));
    return gone ? undefined : { name, manifest: manifest.toString("utf8"), files };
  };

  return {
    text,
    list: (app) =>
      told(
        (async () => {
          const names = (await disk.entries(of(app))).filter((entry) => entry.endsWith("/")).map((entry) => entry.slice(0, -1));
          const found: Listed[] = [];
          const published = names.filter((name) => backupName.parse(name));
          for (let at = 0; at < published.length; at += AT_ONCE) {
            const some = published.slice(at, at + AT_ONCE).map((name) => listed(app, name));
            found.push(...(await Promise.all(some)).filter((one) => one !== undefined));
          }
          return found;
        })(),
      ),
    put: (app, name, file, bytes) =>
      told(
        (async () => {
          const within = of(app, partial(checkName(name)));
          const path = join(within, checkFile(file));
          try {
            await disk.folder(within);
            await disk.write(`${path}${WRITING}`, bytes);
          } catch (error) {
            bytes.destroy();
            await disk.remove(`${path}${WRITING}`).catch(() => undefined);
            throw error;
          }
          await disk.rename(`${path}${WRITING}`, path);
        })(),
      ),
    read: (app, name, file) =>
      told(
        (async () => {
          const published = of(app, checkName(name));
          const within = (await disk.exists(published)) ? published : of(app, partial(name));
          return reading(await disk.read(join(within, checkFile(file))), (error) => failureOf(text, error));
        })(),
      ),
    publish: (app, name, manifest) =>
      told(
        (async () => {
          const [from, to] = [of(app, partial(checkName(name))), of(app, name)];
          if (await disk.exists(to)) throw new Error(`${to} exists`);
          await disk.write(join(from, MANIFEST), Readable.from([Buffer.from(manifest)]));
          await disk.sync(from);
          await disk.rename(from, to);
        })(),
      ),
    sweep: (app) =>
      told(
        (async () => {
          for (const entry of await disk.entries(of(app))) {
            if (entry.startsWith(PARTIAL) && entry.endsWith("/")) await disk.remove(of(app, entry));
          }
        })(),
      ),
    remove: (app, name) =>
      told(
        (async () => {
          const [from, to] = [of(app, checkName(name)), of(app, partial(name))];
          if (!(await disk.exists(from))) return;
          await disk.remove(to);
          await disk.rename(from, to);
          await disk.remove(to);
        })(),
      ),
    close: async () => undefined,
  };
}

function failureOf(text: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const said = error instanceof Error ? error.message : String(error);
  return destinationFailure(troubleOf(said), text, [said], { cause: error });
}
