import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Store } from "../../packages/tend/src/backup/destination/store.ts";
import { newBackupName } from "../../packages/tend/src/backup/name.ts";
import type { BackupName } from "../../packages/tend/src/model/names.ts";

export interface StoreUnderTest {
  readonly store: Store;
  /** Puts a file beside what the store keeps, at a path that no backup has. */
  litter(path: string, text: string): Promise<void>;
  /** Puts published backups there, without the store, each with this manifest and a `data.dump` of three bytes. */
  plant(app: string, names: readonly BackupName[], manifest: string): Promise<void>;
  close(): Promise<void>;
}

/** What holds for every place that keeps backups. */
export function storeContract(kind: string, open: () => Promise<StoreUnderTest>): void {
  describe(`a store in ${kind}`, { timeout: 60_000 }, () => {
    let test: StoreUnderTest;
    let store: Store;
    beforeAll(async () => {
      test = await open();
      store = test.store;
    });
    afterAll(async () => {
      await store.close();
      await test.close();
    });

    it("has nothing of an app that it doesn't know, and nothing to take away", async () => {
      expect(await store.list("unknown")).toEqual([]);
      await store.sweep("unknown");
      await store.remove("unknown", nameOf("unknown", 1));
    });

    it("lists a backup once it is published, with its manifest as it was written and its files' sizes", async () => {
      const name = nameOf("first", 1);
      await store.put("first", name, "data.dump", bytes("payload"));
      await store.put("first", name, "about.jsonl", bytes(""));
      expect(await store.list("first")).toEqual([]);
      expect(await content(store, "first", name, "data.dump")).toBe("payload");
      await store.publish("first", name, "{a manifest: ü €}\n");
      expect(await store.list("first")).toEqual([
        { name, manifest: "{a manifest: ü €}\n", files: { "data.dump": 7, "about.jsonl": 0 } },
      ]);
      expect(await content(store, "first", name, "data.dump")).toBe("payload");
      expect(await content(store, "first", name, "about.jsonl")).toBe("");
      expect(await content(store, "first", name, "manifest.json")).toBe("{a manifest: ü €}\n");
      await expect(store.read("first", name, "no.dump")).rejects.toMatchObject({ id: "destination.failed" });
    });

    it("publishes a name once, and leaves what has it as it is", async () => {
      const name = nameOf("first", 1);
      await store.put("first", name, "data.dump", bytes("another"));
      await expect(store.publish("first", name, "{}\n")).rejects.toMatchObject({ id: "destination.failed" });
      const [listed] = await store.list("first");
      expect(listed?.manifest).toBe("{a manifest: ü €}\n");
      await store.sweep("first");
    });

    it("keeps nothing of a file whose source broke", async () => {
      const name = nameOf("broken", 1);
      const breaking = Readable.from(
        (async function* () {
          yield Buffer.alloc(100_000, "x");
          throw new Error("the source broke");
        })(),
        { objectMode: false },
      );
      await expect(store.put("broken", name, "data.dump", breaking)).rejects.toMatchObject({ id: /^destination\./ });
      await expect(store.read("broken", name, "data.dump")).rejects.toMatchObject({ id: "destination.failed" });
      expect(await store.list("broken")).toEqual([]);
    });

    it("sweeps what isn't published, and only that", async () => {
      const [published, left] = [nameOf("swept", 1), nameOf("swept", 2)];
      await whole(store, "swept", published);
      await store.put("swept", left, "data.dump", bytes("left behind"));
      await store.sweep("swept");
      expect((await store.list("swept")).map(({ name }) => name)).toEqual([published]);
      await expect(store.read("swept", left, "data.dump")).rejects.toMatchObject({ id: "destination.failed" });
      await whole(store, "swept", left);
      expect(await content(store, "swept", left, "data.dump")).toBe("payload");
    });

    it("takes a backup away, and others not", async () => {
      const [gone, stays] = [nameOf("removed", 1), nameOf("removed", 2)];
      await whole(store, "removed", gone);
      await whole(store, "removed", stays);
      await store.remove("removed", gone);
      await store.remove("removed", gone);
      expect((await store.list("removed")).map(({ name }) => name)).toEqual([stays]);
      await expect(store.read("removed", gone, "data.dump")).rejects.toMatchObject({ id: "destination.failed" });
      expect(await content(store, "removed", stays, "data.dump")).toBe("payload");
    });

    it("takes an app whose name begins like another's for another app", async () => {
      await whole(store, "legal", nameOf("legal", 1));
      await whole(store, "legal.dev", nameOf("legal.dev", 1));
      expect((await store.list("legal")).map(({ name }) => name)).toEqual([nameOf("legal", 1)]);
      await store.sweep("legal");
      expect(await store.list("legal.dev")).toHaveLength(1);
    });

    it("lists and sweeps while another backup arrives", async () => {
      const app = "busy";
      await whole(store, app, nameOf(app, 0));
      const puts = Array.from({ length: 6 }, (_, at) => whole(store, app, nameOf(app, at + 1)));
      for (let turn = 0; turn < 5; turn++) {
        for (const { manifest, files } of await store.list(app)) {
          expect({ manifest, files }).toEqual({ manifest: "{}\n", files: { "data.dump": 7 } });
        }
      }
      await Promise.all(puts);
      expect(await store.list(app)).toHaveLength(7);
    });

    it("isn't confused by what else lies there", async () => {
      const name = nameOf("odd", 1);
      await whole(store, "odd", name);
      const odd = [
        "odd/read me & more <1>.txt",
        "odd/ä b/c",
        "odd/a'b\"c/d",
        "odd/-rf/x",
        `odd/${name}/sub/file`,
        "odd/$(reboot)/x",
      ];
      for (const path of odd) await test.litter(path, "?");
      expect(await store.list("odd")).toEqual([{ name, manifest: "{}\n", files: { "data.dump": 7 } }]);
      await store.sweep("odd");
      expect(await store.list("odd")).toHaveLength(1);
    });

    it("keeps 30 MB as they are", async () => {
      const chunks = Array.from({ length: 31 }, () => randomBytes(1_000_003));
      const digest = sha256(Buffer.concat(chunks));
      const name = nameOf("large", 1);
      await store.put("large", name, "data.dump", Readable.from(chunks, { objectMode: false }));
      expect(sha256(await buffer(await store.read("large", name, "data.dump")))).toBe(digest);
      await store.publish("large", name, "{}\n");
      expect((await store.list("large"))[0]?.files).toEqual({ "data.dump": 31 * 1_000_003 });
    });

    it("lets go of a file that isn't read to its end", async () => {
      const name = nameOf("large", 1);
      for (let turn = 0; turn < 10; turn++) {
        const file = await store.read("large", name, "data.dump");
        await new Promise((resolve) => file.once("data", resolve));
        file.destroy();
      }
      expect(await store.list("large")).toHaveLength(1);
    });

    it("lists 3,000 backups", async () => {
      const names = Array.from({ length: 3000 }, (_, at) => nameOf("many", at));
      const manifest = `{"of":"${"m".repeat(1000)}"}\n`;
      await test.plant("many", names, manifest);
      const listed = await store.list("many");
      expect(listed.map(({ name }) => name).sort()).toEqual([...names].sort());
      expect(new Set(listed.map((one) => JSON.stringify([one.manifest, one.files])))).toEqual(
        new Set([JSON.stringify([manifest, { "data.dump": 3 }])]),
      );
    });

    it("says in its own words what is wrong", async () => {
      await expect(store.read("first", nameOf("first", 9), "data.dump")).rejects.toMatchObject({
        id: "destination.failed",
        parts: { title: expect.stringContaining(store.text), help: expect.stringMatching(/./) },
      });
    });
  });
}

export function nameOf(app: string, at: number): BackupName {
  const random = (at % 65_536).toString(16).padStart(4, "0");
  return newBackupName({ app, subject: "db", at: new Date(1_785_000_000_000 + at * 1000), random });
}

async function whole(store: Store, app: string, name: BackupName): Promise<void> {
  await store.put(app, name, "data.dump", bytes("payload"));
  await store.publish(app, name, "{}\n");
}

async function content(store: Store, app: string, name: BackupName, file: string): Promise<string> {
  return (await buffer(await store.read(app, name, file))).toString("utf8");
}

function bytes(text: string): Readable {
  return Readable.from(text === "" ? [] : [Buffer.from(text)], { objectMode: false });
}

function sha256(all: Buffer): string {
  return createHash("sha256").update(all).digest("hex");
}
