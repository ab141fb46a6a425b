import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { doStoreAction } from "../packages/tend/src/backup/act.ts";
import { openS3 } from "../packages/tend/src/backup/destination/s3.ts";
import { newBackupName } from "../packages/tend/src/backup/name.ts";
import type { BackupName } from "../packages/tend/src/model/names.ts";
import { Script } from "../packages/tend/src/transport/argv.ts";
import { FakeHost } from "./faults/fake-host.ts";
import { goodCopies, restorable } from "./faults/invariants.ts";
import { type S3Fault, type S3InMemory, startS3InMemory } from "./faults/s3-in-memory.ts";

/** What a bucket's service can do to a backup: each request meets each fault, once and for good. */

const PATIENCE = { tries: 3, pause: 1, answer: 5000, silence: 5000 };
const IMPATIENCE = { ...PATIENCE, answer: 60, silence: 60 };
const SECRET = "a-secret-that-nobody-may-read";
const env = { AWS_ACCESS_KEY_ID: "anna", AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: `${SECRET}-token` };
const [earlier, later] = ["2026-07-30T10:00:00Z", "2026-07-31T10:00:00Z"].map((at) =>
  newBackupName({ app: "legal", subject: "core", at: new Date(at), random: "9f3c" }),
) as [BackupName, BackupName];

let server: S3InMemory;
beforeAll(async () => {
  server = await startS3InMemory();
});
afterAll(() => server.close());
beforeEach(() => {
  server.objects.clear();
  server.uploads.clear();
  server.meet(-1, "500", 0);
});

const store = (patience = PATIENCE) =>
  openS3({ kind: "s3", bucket: "backups", prefix: "", endpoint: server.endpoint }, "s3://backups", env, patience);

function carry(name: BackupName, payload: Buffer, patience = PATIENCE) {
  const host = new FakeHost({ payload, until: payload.length, ending: "well", mark: "MARK", about: '{"head":"1"}\n' });
  const action = {
    kind: "carry",
    produce: Script.revive("produce"),
    mark: "MARK",
    payload: "data.dump",
    backup: {
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
    },
    to: [{ kind: "s3", bucket: "backups", prefix: "" }],
    kept: "kept",
  } as const;
  return doStoreAction(action, host, undefined, async () => store(patience));
}

const FAULTS: readonly S3Fault[] = ["500", "503", "403", "507", "reset", "reset after", "half", "silence", "flip", "lost"];
/** One that is over when it is asked again. */
const PASSES: ReadonlySet<S3Fault> = new Set(["500", "503", "reset", "reset after", "silence"]);

describe("a backup that is carried to a bucket", () => {
  test("is good if it is listed as good, and comes through what passes", async () => {
    const [before, payload] = [randomBytes(3000), randomBytes(20_000)];
    const originals = new Map([
      [earlier as string, before],
      [later as string, payload],
    ]);
    server.meet(-1, "500", 0);
    expect((await carry(earlier, before)).ok).toBe(true);
    const asBefore = new Map(server.objects);
    server.meet(-1, "500", 0);
    expect((await carry(later, payload)).ok).toBe(true);
    const { requests } = server;
    expect(requests).toBeGreaterThan(8);
    for (const fault of FAULTS) {
      for (const times of [1, 99]) {
        for (let nth = 0; nth < requests; nth += times === 1 ? 1 : fault === "silence" ? 9 : 4) {
          server.objects.clear();
          for (const [key, bytes] of asBefore) server.objects.set(key, bytes);
          server.meet(nth, fault, times);
          const outcome = await carry(later, payload, fault === "silence" ? IMPATIENCE : PATIENCE);
          server.meet(-1, fault, 0);
          const entries = await restorable("legal", [store()], originals);
          const what = `${fault}, ${times} times, from request ${nth}: ${outcome.text}`;
          expect(goodCopies(entries, earlier), what).toBe(1);
          if (outcome.ok) expect(goodCopies(entries, later), what).toBe(1);
          if (times === 1 && PASSES.has(fault) && fault !== "silence") expect(outcome.ok, what).toBe(true);
          expect(JSON.stringify([outcome.text, outcome.failure?.parts])).not.toContain(SECRET);
        }
      }
    }
  });
});

describe("a large file", () => {
  const parts = [randomBytes(16 * 1024 * 1024), randomBytes(1000)];
  const put = () => store().put("legal", later, "data.dump", Readable.from(parts, { objectMode: false }));
  const kept = () => server.objects.get(`legal/${later}/data.dump`);

  test("is put in parts, and is an object when all of them are there", async () => {
    await put();
    expect(kept()?.equals(Buffer.concat(parts))).toBe(true);
    expect(server.uploads.size).toBe(0);
  });

  test.each(["500", "reset", "reset after"] as const)("gets over a request that meets: %s", async (fault) => {
    for (let nth = 0; nth < 4; nth++) {
      server.objects.clear();
      server.meet(nth, fault, 1);
      await put();
      expect(kept()?.equals(Buffer.concat(parts))).toBe(true);
    }
  });

  test("leaves neither an object nor an upload when it fails for good, or its source does", async () => {
    for (let nth = 1; nth < 4; nth++) {
      server.meet(nth, "500", 99, ["PUT", "POST"]);
      await expect(put()).rejects.toMatchObject({ id: "destination.unreachable" });
      expect([server.objects.size, server.uploads.size]).toEqual([0, 0]);
    }
    server.meet(-1, "500", 0);
    const breaking = Readable.from(
      (async function* () {
        yield* parts;
        throw new Error("the source broke");
      })(),
      { objectMode: false },
    );
    await expect(store().put("legal", later, "data.dump", breaking)).rejects.toThrow();
    expect([server.objects.size, server.uploads.size]).toEqual([0, 0]);
  });

  test("that nobody aborted is swept", async () => {
    server.uploads.set(`legal/${later}/data.dump 7`, new Map());
    server.uploads.set(`legal.dev/${later}/data.dump 8`, new Map());
    await store().sweep("legal");
    expect([...server.uploads.keys()]).toEqual([`legal.dev/${later}/data.dump 8`]);
  });
});

describe("a file that is read", () => {
  test.each([
    ["half", /broke|terminated|arrived|other side closed/i],
    ["silence", /no answer in time/],
  ] as const)("doesn't end as if it were whole: %s", async (fault, says) => {
    server.objects.set(`legal/${later}/data.dump`, randomBytes(100_000));
    server.meet(0, fault, 9);
    const failure = await store(IMPATIENCE)
      .read("legal", later, "data.dump")
      .then(buffer)
      .catch((error) => error);
    expect(failure).toMatchObject({ id: "destination.unreachable", parts: { evidence: [expect.stringMatching(says)] } });
  });

  test("may be taken slowly: silence counts only while a byte is asked for", async () => {
    const bytes = randomBytes(3_000_000);
    server.objects.set(`legal/${later}/data.dump`, bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of await store(IMPATIENCE).read("legal", later, "data.dump")) {
      chunks.push(chunk as Buffer);
      if (chunks.length < 4) await new Promise((resolve) => setTimeout(resolve, IMPATIENCE.silence * 2));
    }
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });
});

test.each([
  ["403", "destination.denied"],
  ["507", "destination.full"],
  ["503", "destination.unreachable"],
  ["reset", "destination.unreachable"],
] as const)("%s is %s", async (fault, id) => {
  server.meet(0, fault, 9);
  await expect(store().list("legal")).rejects.toMatchObject({
    id,
    parts: { where: "s3://backups", help: expect.stringMatching(/./) },
  });
});

test("without credentials nothing is asked", () => {
  const open = () => openS3({ kind: "s3", bucket: "b", prefix: "" }, "s3://b", { AWS_ACCESS_KEY_ID: "x" });
  expect(open).toThrow(
    expect.objectContaining({
      id: "destination.denied",
      parts: expect.objectContaining({ why: "AWS_SECRET_ACCESS_KEY isn't set" }),
    }),
  );
});
