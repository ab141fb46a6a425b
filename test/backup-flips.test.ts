import { createHash, randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doStoreAction } from "../packages/tend/src/backup/act.ts";
import { catalogue } from "../packages/tend/src/backup/catalogue.ts";
import { newBackupName } from "../packages/tend/src/backup/name.ts";
import { opening } from "../packages/tend/src/backup/seal.ts";
import { drain } from "../packages/tend/src/backup/tally.ts";
import type { Manifest } from "../packages/tend/src/model/manifest.ts";
import { Script } from "../packages/tend/src/transport/argv.ts";
import { memoryFolder } from "./contracts/memory-folder.ts";
import { FakeHost } from "./faults/fake-host.ts";
import { Faults } from "./faults/faults.ts";
import { type Kept, nothingKept, openMemory } from "./faults/memory-store.ts";

/** A backup at rest loses a bit, or its end. None of them may be taken for whole. */

const name = newBackupName({ app: "legal", subject: "core", at: new Date("2026-07-31T10:00:00Z"), random: "9f3c" });
const host = new FakeHost({ payload: randomBytes(900), until: 900, ending: "well", mark: "MARK", about: '{"head":"0041"}\n' });

let folder: string;
let identity: string;
let recipient: string;

beforeAll(async () => {
  folder = await memoryFolder("tend-flips-");
  const secret = await generateX25519Identity();
  identity = join(folder, "key.txt");
  recipient = await identityToRecipient(secret);
  await writeFile(identity, `${secret}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

async function backup(
  sealed: boolean,
): Promise<{ readonly kept: Kept; readonly manifest: Manifest; readonly files: Map<string, Buffer> }> {
  const kept = nothingKept();
  const about = {
    v: 1,
    name,
    app: "legal",
    subject: "core",
    kind: "postgres",
    at: "2026-07-31T10:00:00Z",
    reason: "",
    run: "r1234",
    by: "",
    host: "h",
  } as const;
  await doStoreAction(
    {
      kind: "carry",
      produce: Script.revive("produce"),
      mark: "MARK",
      payload: "data.dump",
      backup: { ...about, ...(sealed ? { sealed: [recipient] } : {}) },
      to: [{ kind: "here", folder: "" }],
      kept: "kept",
    },
    host,
    undefined,
    async () => openMemory(kept, "place", new Faults()),
  );
  const files = kept.published.get(`legal/${name}`) ?? new Map<string, Buffer>();
  const [entry] = await listed(kept);
  if (!entry?.manifest) throw new Error("there is a good backup");
  return { kept, manifest: entry.manifest, files };
}

async function listed(kept: Kept) {
  return catalogue("legal", [{ at: "place", listed: await openMemory(kept, "place", new Faults()).list("legal") }]);
}

async function isTakenForWhole(kept: Kept, manifest: Manifest): Promise<boolean> {
  const action = { kind: "verify", from: { kind: "here", folder: "" }, manifest } as const;
  return (await doStoreAction(action, host, undefined, async () => openMemory(kept, "place", new Faults()))).ok;
}

async function isOpened(sealed: Buffer): Promise<boolean> {
  const open = await opening(identity);
  return drain(open(only(sealed))).then(
    () => true,
    () => false,
  );
}

async function* only(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Spread over all of a file, the same ones each time. */
function* bits(file: string, bytes: Buffer, count: number): Iterable<Buffer> {
  for (let turn = 0; turn < count; turn++) {
    const at = createHash("sha256").update(`${file} ${turn}`).digest().readUInt32LE() % (bytes.length * 8);
    yield bytes.with(at >> 3, (bytes[at >> 3] ?? 0) ^ (1 << (at & 7))) as Buffer;
  }
}

function* beginnings(bytes: Buffer, count: number): Iterable<Buffer> {
  for (let turn = 0; turn < count; turn++) yield bytes.subarray(0, Math.floor((bytes.length * turn) / count));
}

test("of 10,000 bits that flip and 1,000 ends that are lost, none is accepted", async () => {
  const told = { bits: 0, ends: 0, accepted: 0 };
  for (const sealed of [false, true]) {
    const { kept, manifest, files } = await backup(sealed);
    expect(await isTakenForWhole(kept, manifest)).toBe(true);
    for (const [file, whole] of [...files]) {
      for (const [kind, changed] of [
        ...Array.from(bits(file, whole, 1500), (bytes) => ["bits", bytes] as const),
        ...Array.from(beginnings(whole, 170), (bytes) => ["ends", bytes] as const),
      ]) {
        told[kind] += 1;
        files.set(file, changed);
        if (await isTakenForWhole(kept, manifest)) told.accepted += 1;
        const [entry] = await listed(kept);
        if ((kind === "ends" || file === "manifest.json") && entry?.manifest) told.accepted += 1;
      }
      files.set(file, whole);
    }
  }
  const { files } = await backup(true);
  const sealed = files.get("data.dump.age") ?? Buffer.alloc(0);
  expect(await isOpened(sealed)).toBe(true);
  for (const changed of bits("sealed", sealed, 1100)) {
    told.bits += 1;
    if (await isOpened(changed)) told.accepted += 1;
  }
  for (const changed of beginnings(sealed, 100)) {
    told.ends += 1;
    if (await isOpened(changed)) told.accepted += 1;
  }
  expect(told).toEqual({ bits: 10_100, ends: 1120, accepted: 0 });
});
