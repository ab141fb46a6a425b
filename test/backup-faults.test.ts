import { randomBytes } from "node:crypto";
import { cpSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doStoreAction } from "../packages/tend/src/backup/act.ts";
import { type Disk, disk } from "../packages/tend/src/backup/destination/disk.ts";
import { openHere } from "../packages/tend/src/backup/destination/here.ts";
import type { OpenStore } from "../packages/tend/src/backup/destination/index.ts";
import type { Store } from "../packages/tend/src/backup/destination/store.ts";
import { destinationFailure } from "../packages/tend/src/backup/destination/trouble.ts";
import { newBackupName } from "../packages/tend/src/backup/name.ts";
import type { Manifest } from "../packages/tend/src/model/manifest.ts";
import type { CarryAction } from "../packages/tend/src/plan/plan.ts";
import { Script } from "../packages/tend/src/transport/argv.ts";
import { memoryFolder } from "./contracts/memory-folder.ts";
import { type Ending, FakeHost } from "./faults/fake-host.ts";
import { Faults } from "./faults/faults.ts";
import { goodCopies, restorable } from "./faults/invariants.ts";
import { copyOf, type Kept, nothingKept, openMemory } from "./faults/memory-store.ts";

/** Every point of a backup's way goes wrong once in every way, and what is called good must be good each time. */

const PAYLOAD = randomBytes(64 * 1024);
const EARLIER = randomBytes(5000);
const ABOUT = '{"version":"PostgreSQL 17.11"}\n{"rows":["public","users"],"count":12,"hash":null}\n';
const MARK = "--- about it";
const NO_FAULTS = () => new Faults();

let points = 0;
let folder: string;
let identity: string;
let recipient: string;

beforeAll(async () => {
  folder = await memoryFolder("tend-faults-");
  const secret = await generateX25519Identity();
  identity = join(folder, "key.txt");
  recipient = await identityToRecipient(secret);
  await writeFile(identity, `${secret}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

const [earlier, later] = ["2026-07-30T10:00:00Z", "2026-07-31T10:00:00Z"].map((at) =>
  newBackupName({ app: "legal", subject: "core", at: new Date(at), random: "9f3c" }),
) as [Manifest["name"], Manifest["name"]];
const ORIGINALS = new Map([
  [earlier, EARLIER],
  [later, PAYLOAD],
]);

function carryOf(name: Manifest["name"], places: number, sealed: boolean): CarryAction {
  return {
    kind: "carry",
    produce: Script.revive("produce"),
    mark: MARK,
    payload: "data.dump",
    backup: {
      v: 1,
      name,
      app: "legal",
      subject: "core",
      kind: "postgres",
      at: name === earlier ? "2026-07-30T10:00:00Z" : "2026-07-31T10:00:00Z",
      reason: "a test",
      run: "r23qj0",
      by: "anna",
      host: "hemma",
      ...(sealed ? { sealed: [recipient] } : {}),
    },
    to: Array.from({ length: places }, (_, at) => ({ kind: "here", folder: String(at) })),
    kept: "kept.json",
  };
}

function host(payload: Buffer, ending: Ending = "well", until = payload.length): FakeHost {
  return new FakeHost({ payload, until, ending, mark: MARK, about: ABOUT });
}

/** Places to keep backups in, as they are opened for one run: with faults, or without. */
type Places = (faults: Faults) => readonly Store[];

const opening =
  (stores: readonly Store[]): OpenStore =>
  async (destination) =>
    stores[destination.kind === "here" ? Number(destination.folder) : 0] as Store;

/** Two places with a good backup in each. */
async function withEarlier(places: Places, sealed: boolean): Promise<void> {
  const outcome = await doStoreAction(carryOf(earlier, 2, sealed), host(EARLIER), undefined, opening(places(NO_FAULTS())));
  expect(outcome.ok).toBe(true);
}

async function twoInMemory(sealed: boolean): Promise<() => Places> {
  const kept: readonly Kept[] = [nothingKept(), nothingKept()];
  const over =
    (some: readonly Kept[]): Places =>
    (faults) =>
      some.map((one, at) => openMemory(one, `place ${at}`, faults));
  await withEarlier(over(kept), sealed);
  return () => over(kept.map(copyOf));
}

async function twoFolders(): Promise<() => Places> {
  const over =
    (root: string): Places =>
    (faults) =>
      ["a", "b"].map((place) => openHere(join(root, place), place, faulty(disk, faults)));
  await withEarlier(over(join(folder, "0")), false);
  let turn = 0;
  return () => {
    turn += 1;
    const root = join(folder, String(turn));
    cpSync(join(folder, "0"), root, { recursive: true });
    return over(root);
  };
}

/** One run with one fault; then everything that is listed as good is restored. */
async function survives(make: Places, source: FakeHost, faults: Faults, sealed: boolean, what: string): Promise<void> {
  points += 1;
  const outcome = await doStoreAction(carryOf(later, 2, sealed), source, faults.stop.signal, opening(make(faults))).catch(
    (error: unknown) => ({ ok: false, text: String(error) }),
  );
  const entries = await restorable("legal", make(NO_FAULTS()), ORIGINALS, identity);
  const good = goodCopies(entries, later);
  if (goodCopies(entries, earlier) !== 2) throw new Error(`${what}: the earlier backup is not what it was`);
  if (outcome.ok && good !== 2) throw new Error(`${what}: called a success with ${good} good copies`);
  if (!outcome.ok && outcome.text === "") throw new Error(`${what}: failed without a word`);
}

const troubles = [
  () => destinationFailure("full", "x", ["ENOSPC: no space left on device"]),
  () => destinationFailure("unreachable", "x", ["read ECONNRESET"]),
  () => Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO" }),
];

/** Every point that a run without faults passes, with every fault that it can suffer. */
async function everyFault(make: () => Places, sealed: boolean, only: (at: number) => boolean = () => true): Promise<void> {
  const dry = new Faults();
  await doStoreAction(carryOf(later, 2, sealed), host(PAYLOAD), undefined, opening(make()(dry)));
  for (const [at, can] of dry.points.entries()) {
    if (!only(at)) continue;
    for (const fault of can) {
      const faults = new Faults(at, fault, troubles[at % troubles.length]);
      await survives(make(), host(PAYLOAD), faults, sealed, `${fault} at point ${at} of ${dry.points.length}`);
    }
  }
}

describe("a backup that is carried to two places", () => {
  test("is good where it is listed as good, whatever goes wrong on the way", async () => {
    await everyFault(await twoInMemory(false), false);
  });

  test("sealed, too", async () => {
    await everyFault(await twoInMemory(true), true, (at) => at % 7 === 0);
  });

  test("whatever becomes of its source", async () => {
    const make = await twoInMemory(false);
    const endings: readonly Ending[] = ["badly", "killed", "lost", "unmarked", "half described"];
    for (const ending of endings) {
      for (let until = 0; until <= PAYLOAD.length; until += 1024) {
        const places = make();
        await survives(
          places,
          host(PAYLOAD, ending, until),
          new Faults(),
          false,
          `the source ends ${ending} after ${until} bytes`,
        );
        expect(goodCopies(await restorable("legal", places(NO_FAULTS()), ORIGINALS), later)).toBe(0);
      }
    }
  });

  test("in real folders, when any call to the file system fails", async () => {
    await everyFault(await twoFolders(), false, (at) => at % 2 === 0);
  });
});

/** Each call to the file system is a point, before it and after it, and so is each chunk. */
function faulty(real: Disk, faults: Faults): Disk {
  const around =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      await faults.pass();
      const result = await call(...given);
      await faults.pass();
      return result;
    };
  return {
    folder: around(real.folder),
    write: around((path, bytes) => real.write(path, bytes)),
    rename: around(real.rename),
    sync: around(real.sync),
    remove: around(real.remove),
    async read(path) {
      await faults.pass();
      return real.read(path);
    },
    head: around(real.head),
    entries: around(real.entries),
    size: around(real.size),
    exists: around(real.exists),
  };
}

describe("a backup that is fetched or verified", () => {
  const kept = nothingKept();
  let manifest: Manifest;
  beforeAll(async () => {
    const stores = [openMemory(kept, "place", NO_FAULTS())];
    await doStoreAction(carryOf(later, 1, false), host(PAYLOAD), undefined, opening(stores));
    const [entry] = await restorable("legal", stores, ORIGINALS);
    if (!entry?.manifest) throw new Error("there is a good backup");
    manifest = entry.manifest;
  });

  const fetched = async (faults: Faults) => {
    const target = host(PAYLOAD);
    const stored = manifest.files["data.dump"];
    if (!stored) throw new Error("there is a payload");
    const action = {
      kind: "fetch",
      from: { kind: "here", folder: "0" },
      app: "legal",
      backup: later,
      file: "data.dump",
      stored,
      into: Script.revive("into"),
    } as const;
    const outcome = await doStoreAction(action, target, faults.stop.signal, opening([openMemory(kept, "place", faults)])).catch(
      () => ({ ok: false }),
    );
    return { ok: outcome.ok, received: target.received };
  };
  const verified = async (faults: Faults) =>
    (
      await doStoreAction(
        { kind: "verify", from: { kind: "here", folder: "0" }, manifest },
        host(PAYLOAD),
        faults.stop.signal,
        opening([openMemory(kept, "place", faults)]),
      ).catch(() => ({ ok: false }))
    ).ok;

  test("never ends for a script as if it were whole, unless it is", async () => {
    const dry = new Faults();
    expect(await fetched(dry)).toEqual({ ok: true, received: [PAYLOAD] });
    for (const [at, can] of dry.points.entries()) {
      for (const fault of can) {
        points += 1;
        const { ok, received } = await fetched(new Faults(at, fault));
        const whole = received.length === 1 && received[0]?.equals(PAYLOAD);
        if (ok ? !whole : received.length > 0 && !whole)
          throw new Error(`${fault} at point ${at}: ok is ${ok}, whole is ${whole}`);
        if (ok && (fault === "flip" || fault === "drop" || fault === "cut"))
          throw new Error(`${fault} at point ${at} went unnoticed`);
      }
    }
  });

  test("is called whole only when all of it was read", async () => {
    const dry = new Faults();
    expect(await verified(dry)).toBe(true);
    for (const [at, can] of dry.points.entries()) {
      for (const fault of can) {
        points += 1;
        if ((await verified(new Faults(at, fault))) && fault !== "abort")
          throw new Error(`${fault} at point ${at} went unnoticed`);
      }
    }
  });
});

test("so many points went wrong", () => {
  expect(points).toBeGreaterThan(2000);
});
