import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Failure } from "../../model/failure.ts";
import { backupName } from "../../model/names.ts";
import type { Script } from "../../transport/argv.ts";
import type { Channel, Transport } from "../../transport/transport.ts";
import { folderScripts } from "./host-scripts.ts";
import { MANIFEST } from "./place.ts";
import type { Listed, Store } from "./store.ts";
import { destinationFailure, troubleOf } from "./trouble.ts";

const SAID_BYTES = 4096;

/** Backups in a folder of the app's host, over the transport that reaches it. */
export function openHost(folder: string, text: string, transport: Transport): Store {
  const scripts = folderScripts(folder);
  const where = `${transport.host}:${text}`;
  const failed = (said: string, cause?: unknown) => destinationFailure(troubleOf(said), where, saidLines(said), { cause });
  const translate = (error: unknown): Failure => {
    if (error instanceof Failure && !error.id.startsWith("transport.") && error.id !== "host.unreachable") return error;
    if (!(error instanceof Failure)) return failed(error instanceof Error ? error.message : String(error), error);
    return destinationFailure("unreachable", where, [error.message, ...(error.parts.evidence ?? [])], { cause: error });
  };
  const ask = async (script: Script, input?: string): Promise<string> => {
    const output = await transport
      .run(script, input === undefined ? {} : { input })
      .catch((error) => Promise.reject(translate(error)));
    if (output.exit !== 0) throw failed(output.stderr);
    return output.stdout;
  };

  return {
    text,
    async list(app) {
      const mark = randomBytes(16).toString("hex");
      return listing(await ask(scripts.list(app, mark)), mark, () => failed("the listing was cut off"));
    },
    async put(app, name, file, bytes) {
      const channel = transport.stream(scripts.receive(app, name, file));
      try {
        const sent = await send(bytes, channel, failed);
        await ask(scripts.accept(app, name, file, sent));
      } catch (error) {
        bytes.destroy();
        channel.close();
        await channel.done.catch(() => undefined);
        await ask(scripts.drop(app, name, file)).catch(() => undefined);
        throw translate(error);
      }
    },
    async read(app, name, file) {
      return received(transport.stream(scripts.send(app, name, file)), failed, translate);
    },
    async publish(app, name, manifest) {
      await ask(scripts.publish(app, name, Buffer.byteLength(manifest)), manifest);
    },
    async sweep(app) {
      await ask(scripts.sweep(app));
    },
    async remove(app, name) {
      await ask(scripts.remove(app, name));
    },
    close: async () => undefined,
  };
}

/** Streams into a script until it has taken all, and answers how many bytes that were. */
async function send(bytes: Readable, channel: Channel, failed: (said: string) => Failure): Promise<number> {
  let sent = 0;
  const said = lastSaid(channel);
  channel.stdout.resume();
  const gone = channel.done.then(({ exit }) => {
    if (exit !== 0) bytes.destroy(failed(said() || `it ended with status ${exit}`));
    return exit;
  });
  gone.catch((error: Error) => bytes.destroy(error));
  await pipeline(
    bytes,
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        sent += chunk.length;
        yield chunk;
      }
    },
    channel.stdin,
  );
  const exit = await gone;
  if (exit !== 0) throw failed(said() || `it ended with status ${exit}`);
  return sent;
}

/**
 * What a script prints, as a stream that ends only when the script ended well: its output's end alone is no sign of that.
 * Rejects when there is nothing to read.
 */
async function received(
  channel: Channel,
  failed: (said: string) => Failure,
  translate: (error: unknown) => Failure,
): Promise<Readable> {
  const bytes = new PassThrough({ highWaterMark: 64 * 1024 });
  const said = lastSaid(channel);
  const judge = async () => {
    try {
      const { exit } = await channel.done;
      if (exit === 0) bytes.end();
      else bytes.destroy(failed(said() || `it ended with status ${exit}`));
    } catch (error) {
      bytes.destroy(translate(error));
    }
  };
  channel.stdin.end();
  channel.stdout.once("end", judge).on("error", (error) => bytes.destroy(translate(error)));
  channel.stdout.pipe(bytes, { end: false });
  bytes.on("error", () => undefined).once("close", () => channel.close()); // whoever reads is told, also later
  await once(bytes, "readable");
  return bytes;
}

function lastSaid(channel: Channel): () => string {
  let said = Buffer.alloc(0);
  channel.stderr.on("data", (chunk: Buffer) => {
    said = Buffer.concat([said, chunk]).subarray(-SAID_BYTES);
  });
  return () => said.toString("utf8");
}

function saidLines(said: string): readonly string[] {
  return said.split(/[\r\n]+/).filter((line) => line.trim() !== "");
}

/** What `list` printed. */
function listing(output: string, mark: string, cutOff: () => Failure): readonly Listed[] {
  if (output === "") return [];
  const [names = "", sizes = "", manifests = "", end] = output.split(`\n${mark}\n`);
  if (end === undefined) throw cutOff();
  const backups = new Map(
    names
      .split("\n")
      .flatMap((name) => (backupName.parse(name) ? [[name, { manifest: "", files: {} as Record<string, number> }]] : [])),
  );
  for (const [, bytes, name = "", file = ""] of sizes.matchAll(/^(\d+) ([^/\n]+)\/([^/\n]+)$/gm)) {
    const backup = backups.get(name);
    if (backup && file !== MANIFEST) backup.files[file] = Number(bytes);
  }
  const heads = [...manifests.matchAll(MANIFEST_HEAD)];
  for (const [at, head] of heads.entries()) {
    const backup = backups.get(head[1] ?? "");
    if (backup) backup.manifest = manifests.slice(head.index + head[0].length, heads[at + 1]?.index ?? -1);
  }
  return Array.from(backups, ([name, found]) => ({ name, ...found }));
}

/** What `head -v` prints above each file; what stands between two of these is a file, to the byte. */
const MANIFEST_HEAD = /(?:^|\n)==> ([a-z0-9_.TZ-]+)\/manifest\.json <==\n/g;
