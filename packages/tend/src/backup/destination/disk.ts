import { createReadStream, createWriteStream } from "node:fs";
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What the store in a local folder asks of the file system: a test puts failures in between. */
export interface Disk {
  /** Makes a folder and those above it, each known to the disk. */
  folder(path: string): Promise<void>;
  /** Writes a new file, and returns when the disk has it. */
  write(path: string, bytes: Readable): Promise<void>;
  /** Gives a file or folder another name, and returns when the disk knows. */
  rename(from: string, to: string): Promise<void>;
  /** Makes the names in a folder last. */
  sync(folder: string): Promise<void>;
  remove(path: string): Promise<void>;
  read(path: string): Promise<Readable>;
  /** At most so many bytes from its beginning. */
  head(path: string, most: number): Promise<Buffer>;
  /** What is in a folder, folders with a slash at their end; nothing when there is no such folder. */
  entries(folder: string): Promise<readonly string[]>;
  size(path: string): Promise<number>;
  exists(path: string): Promise<boolean>;
}

export const disk: Disk = {
  async folder(path) {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made)) await disk.sync(dirname(made));
  },
  async write(path, bytes) {
    await pipeline(bytes, createWriteStream(path, { flags: "wx", mode: 0o600, flush: true }));
  },
  async rename(from, to) {
    await rename(from, to);
    await disk.sync(dirname(to));
  },
  async sync(folder) {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async remove(path) {
    await rm(path, { recursive: true, force: true });
  },
  async read(path) {
    const handle = await open(path, "r");
    return createReadStream(path, { fd: handle, highWaterMark: 64 * 1024 });
  },
  async head(path, most) {
    const { size } = await stat(path);
    if (size <= most) return readFile(path);
    const handle = await open(path, "r");
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(most), 0, most, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  },
  async entries(folder) {
    try {
      const found = await readdir(folder, { withFileTypes: true });
      return found.map((entry) => (entry.isDirectory() ? join(entry.name, "/") : entry.name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  },
  async size(path) {
    return (await stat(path)).size;
  },
  async exists(path) {
    return access(path).then(
      () => true,
      () => false,
    );
  },
};
