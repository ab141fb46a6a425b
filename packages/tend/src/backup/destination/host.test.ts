import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryFolder } from "../../../../../test/contracts/memory-folder.ts";
import type { HostName } from "../../model/names.ts";
import { LocalTransport } from "../../transport/local.ts";
import { newBackupName } from "../name.ts";
import { openHost } from "./host.ts";

const name = newBackupName({ app: "legal", subject: "core", at: new Date("2026-07-31T10:00:00Z"), random: "9f3c" });
const PATH = process.env["PATH"] ?? "";
let folder: string;
let turn = 0;

beforeAll(async () => {
  folder = await memoryFolder("tend-host-");
});
afterAll(async () => {
  process.env["PATH"] = PATH;
  await rm(folder, { recursive: true });
});

/** A host where one program is another: `real` is the program itself. */
async function withProgram(program: string, script: string, use: (transport: LocalTransport, root: string) => Promise<void>) {
  turn += 1;
  const bin = join(folder, `bin-${turn}`);
  await mkdir(bin);
  await writeFile(join(bin, program), `#!/bin/sh\nreal() { PATH='${PATH}' command ${program} "$@"; }\n${script}\n`);
  await chmod(join(bin, program), 0o755);
  process.env["PATH"] = `${bin}:${PATH}`;
  const transport = new LocalTransport("hemma" as HostName);
  try {
    await use(transport, join(folder, `root-${turn}`));
  } finally {
    process.env["PATH"] = PATH;
    await transport.close();
  }
}

const payload = () => Readable.from([Buffer.alloc(300_000, "x")], { objectMode: false });

describe("a folder on a host", () => {
  test.each([
    ["cat", "head -c 1000; echo 'cat: write error: No space left on device' >&2; exit 1", "destination.full"],
    ["cat", "head -c 1000; echo 'cat: write error: Input/output error' >&2; exit 1", "destination.failed"],
    ["cat", "head -c 1000; exit 0", "destination.failed"],
    ["cat", "real; exit 1", "destination.failed"],
    ["mkdir", "echo \"mkdir: cannot create directory 'x': Permission denied\" >&2; exit 1", "destination.denied"],
    ["mkdir", "echo \"mkdir: cannot create directory 'x': Read-only file system\" >&2; exit 1", "destination.denied"],
    ["mv", "echo 'mv: cannot move: Input/output error' >&2; exit 1", "destination.failed"],
    [
      "sync",
      '[ $# = 0 ] || [ "$1" = --help ] || { echo \'sync: error syncing: Input/output error\' >&2; exit 1; }; real "$@"',
      "destination.failed",
    ],
    ["wc", "echo 12", "destination.failed"],
  ])("takes no file for whole when %s does: %s", async (program, script, id) => {
    await withProgram(program, script, async (transport, root) => {
      const store = openHost(root, "~/backups", transport);
      const put = store.put("legal", name, "data.dump", payload()).then(() => store.publish("legal", name, "{}\n"));
      await expect(put).rejects.toMatchObject({ id, parts: { where: "hemma:~/backups" } });
      process.env["PATH"] = PATH;
      const sound = new LocalTransport("hemma" as HostName);
      expect(await openHost(root, "~/backups", sound).list("legal")).toEqual([]);
      await sound.close();
    });
  });

  test("takes no file for whole when the connection breaks, or its source does", async () => {
    const root = join(folder, "breaking");
    const transport = new LocalTransport("hemma" as HostName);
    const endless = (then?: Error) =>
      Readable.from(
        (async function* () {
          for (let at = 0; at < 10 || !then; at++) {
            yield Buffer.alloc(1000);
            await delay(5);
          }
          throw then;
        })(),
        { objectMode: false },
      );
    const store = openHost(root, "~/backups", transport);
    await expect(store.put("legal", name, "data.dump", endless(new Error("the source broke")))).rejects.toThrow();
    expect(await readdir(join(root, "legal", `.partial-${name}`))).toEqual([]);
    const lost = expect(store.put("legal", name, "data.dump", endless())).rejects.toMatchObject({ id: /^destination\./ });
    await delay(100);
    await transport.close();
    await lost;
    const again = new LocalTransport("hemma" as HostName);
    await expect(openHost(root, "~/backups", again).read("legal", name, "data.dump")).rejects.toMatchObject({
      id: "destination.failed",
    });
    await again.close();
  });

  test.each([
    ["breaks off", 'real "$@" | head -c 1000; kill -9 $$'],
    ["fails late", 'real "$@" | head -c 1000; exit 1'],
  ])("ends a file that %s with an error", async (_, script) => {
    const root = join(folder, `root-${turn + 1}`);
    await mkdir(join(root, "legal", name), { recursive: true });
    await writeFile(join(root, "legal", name, "data.dump"), Buffer.alloc(300_000));
    await withProgram("cat", script, async (transport) => {
      const file = await openHost(root, "~/backups", transport).read("legal", name, "data.dump");
      await expect(buffer(file)).rejects.toMatchObject({ id: "destination.failed" });
    });
  });

  test("has a place in the home folder too", async () => {
    const home = process.env["HOME"];
    process.env["HOME"] = join(folder, "home of anna");
    const transport = new LocalTransport("hemma" as HostName);
    try {
      const store = openHost("~/my backups", "~/my backups", transport);
      await store.put("legal", name, "data.dump", payload());
      await store.publish("legal", name, "{}\n");
      expect(await readdir(join(folder, "home of anna", "my backups", "legal", name))).toEqual(["data.dump", "manifest.json"]);
      expect(await store.list("legal")).toEqual([{ name, manifest: "{}\n", files: { "data.dump": 300_000 } }]);
    } finally {
      process.env["HOME"] = home;
      await transport.close();
    }
  });
});
