import { createHash, randomBytes } from "node:crypto";
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryFolder } from "../../../../test/contracts/memory-folder.ts";
import type { Destination } from "../model/data.ts";
import type { HostName } from "../model/names.ts";
import type { CarryAction } from "../plan/plan.ts";
import { NOTHING_YET } from "../plan/plan.ts";
import { type Script, sh } from "../transport/argv.ts";
import { LocalTransport } from "../transport/local.ts";
import { doStoreAction } from "./act.ts";
import { catalogue, type Entry } from "./catalogue.ts";
import { openStore } from "./destination/index.ts";
import { manifestBody } from "./manifest-text.ts";
import { newBackupName } from "./name.ts";

const transport = new LocalTransport("hemma" as HostName);
const payload = randomBytes(500_000);
let folder: string;
let identity: string;
let recipient: string;
let turn = 0;

beforeAll(async () => {
  folder = await memoryFolder("tend-act-");
  const secret = await generateX25519Identity();
  identity = join(folder, "key.txt");
  recipient = await identityToRecipient(secret);
  await writeFile(identity, `# ${recipient}\n${secret}\n`);
  await writeFile(join(folder, "payload"), payload);
});
afterAll(async () => {
  await transport.close();
  await rm(folder, { recursive: true });
});

const MARK = "--- about it";
const ABOUT = sh`printf '%s\n' 'a note' ${MARK} '{"version":"PostgreSQL 17.11"}' '{"head":"0041"}' '{"rows":["public","users"],"count":12,"hash":null}' >&2`;
const good = () => sh`cat ${join(folder, "payload")}; ${ABOUT}`;

type Folder = Exclude<Destination, { readonly kind: "s3" }>;

function places(): readonly [Folder, Folder] {
  turn += 1;
  return [
    { kind: "host", folder: join(folder, `host-${turn}`) },
    { kind: "here", folder: join(folder, `here-${turn}`) },
  ];
}

function carryOf(produce: Script, to: readonly Destination[], sealed?: readonly string[]): CarryAction {
  const at = new Date(Date.UTC(2026, 6, 31, 10, 0, turn));
  const random = randomBytes(2).toString("hex");
  return {
    kind: "carry",
    produce,
    mark: MARK,
    payload: "data.dump",
    backup: {
      v: 1,
      name: newBackupName({ app: "legal", subject: "core", at, random }),
      app: "legal",
      subject: "core",
      kind: "postgres",
      at: at.toISOString(),
      reason: "a test",
      run: "r23qj0",
      by: "anna",
      host: "hemma",
      ...(sealed ? { sealed } : {}),
    },
    to,
    kept: join(folder, `kept-${turn}.json`),
  };
}

async function entries(to: readonly Destination[]): Promise<readonly Entry[]> {
  const stores = await Promise.all(to.map((one) => openStore(one, transport)));
  return catalogue(
    "legal",
    await Promise.all(stores.map(async (store) => ({ at: store.text, listed: await store.list("legal") }))),
  );
}

async function taken(to: readonly Destination[], sealed?: readonly string[]) {
  const outcome = await doStoreAction(carryOf(good(), to, sealed), transport);
  expect(outcome).toEqual({ ok: true, text: "a note" });
  const [entry] = await entries(to);
  if (!entry?.manifest) throw new Error("there is no good backup");
  return entry.manifest;
}

describe("carrying a backup", () => {
  test.each([
    ["in clear", false],
    ["sealed", true],
  ] as const)("leaves it whole in every place, %s", async (_, isSealed) => {
    const to = places();
    const manifest = await taken(to, isSealed ? [recipient] : undefined);
    const [entry] = await entries(to);
    expect(entry?.copies.map(({ state }) => state)).toEqual(["good", "good"]);
    const sha256 = createHash("sha256").update(payload).digest("hex");
    const stored = manifest.files[isSealed ? "data.dump.age" : "data.dump"];
    expect(isSealed ? stored?.clear : stored).toEqual({ bytes: 500_000, sha256 });
    expect(Object.keys(manifest.files)).toHaveLength(2);
    expect(manifest).toMatchObject({ head: "0041", tables: 1, rows: 12, versions: ["PostgreSQL 17.11"] });
    expect(await readFile(join(folder, `kept-${turn}.json`), "utf8")).toBe(`${manifestBody(manifest)}\n`);
    for (const destination of to) {
      expect(await doStoreAction({ kind: "verify", from: destination, manifest, identity }, transport)).toEqual({
        ok: true,
        text: "",
      });
    }
  });

  test("leaves only what its owner may read", async () => {
    const to = places();
    const { name } = await taken(to);
    for (const destination of to) {
      const [app, backup] = [join(destination.folder, "legal"), join(destination.folder, "legal", name)];
      for (const made of [destination.folder, app, backup]) expect(((await stat(made)).mode & 0o777).toString(8)).toBe("700");
      for (const file of await readdir(backup)) expect(((await stat(join(backup, file))).mode & 0o777).toString(8)).toBe("600");
    }
  });

  test.each([
    ["that fails at its end", () => sh`cat ${join(folder, "payload")}; ${ABOUT}; echo 'error: it broke' >&2; exit 1`, /it broke/],
    ["that fails at once", () => sh`echo 'error: no server' >&2; exit 2`, /no server/],
    ["that writes nothing", () => ABOUT, /data.dump came out empty/],
    ["that doesn't describe it", () => sh`cat ${join(folder, "payload")}`, /came without its description/],
    ["whose description is cut off", () => sh`${good()}; printf '{"rows":' >&2`, /about.jsonl, can't be read/],
  ])("publishes nothing of a script %s", async (_, produce, says) => {
    const to = places();
    const outcome = await doStoreAction(carryOf(produce(), to), transport);
    expect(outcome).toMatchObject({ ok: false, text: expect.stringMatching(says) });
    if (outcome.failure) expect(outcome.failure.parts.changed).toBe("nothing was published; other backups are as they were");
    expect(await entries(to)).toEqual([]);
    expect(await readdir(join(to[1].folder, "legal")).catch(() => [])).toEqual([]);
  });

  test("is well with nothing to back up yet", async () => {
    const to = places();
    const action = carryOf(sh`echo 'there is no database yet' >&2; exit ${NOTHING_YET}`, to);
    expect(await doStoreAction(action, transport)).toMatchObject({ ok: true, nothing: "there is no database yet" });
    expect(await entries(to)).toEqual([]);
  });

  test("publishes nothing anywhere when one place fails, and says which", async () => {
    const [host, here] = places();
    await writeFile(here.folder, "no folder");
    const outcome = await doStoreAction(carryOf(good(), [host, here]), transport);
    expect(outcome.failure).toMatchObject({ id: "destination.failed", parts: { where: `here:${here.folder}` } });
    expect(outcome.failure?.parts.changed).toBe("nothing was published; other backups are as they were");
    expect(await entries([host])).toEqual([]);
  });

  test("is interrupted at once, and leaves nothing", async () => {
    const to = places();
    const stop = new AbortController();
    const carrying = doStoreAction(carryOf(sh`cat ${join(folder, "payload")}; sleep 30; ${ABOUT}`, to), transport, stop.signal);
    setTimeout(() => stop.abort(), 150);
    const begun = performance.now();
    expect(await carrying).toEqual({ ok: false, text: "interrupted" });
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(await entries(to)).toEqual([]);
  });
});

describe("fetching a file of a backup", () => {
  const into = (file: string) => sh`cat >${file}.part && mv ${file}.part ${file} && echo fetched`;

  test.each([
    ["in clear", false],
    ["sealed", true],
  ] as const)("streams it into a script, %s", async (_, isSealed) => {
    const [from, other] = places();
    const manifest = await taken([from, other], isSealed ? [recipient] : undefined);
    for (const [file, stored] of Object.entries(manifest.files)) {
      const target = join(folder, `fetched-${turn}-${file}`);
      const action = {
        kind: "fetch",
        from,
        app: "legal",
        backup: manifest.name,
        file,
        stored,
        identity,
        into: into(target),
      } as const;
      expect(await doStoreAction(action, transport)).toEqual({ ok: true, text: "fetched\n" });
      if (file.startsWith("data")) expect((await readFile(target)).equals(payload)).toBe(true);
    }
  });

  test("gives no end to a script whose source is broken", async () => {
    for (const sealed of [undefined, [recipient]]) {
      const [from] = places();
      const manifest = await taken([from], sealed);
      const [file = "", stored] = Object.entries(manifest.files)[0] ?? [];
      if (!stored) throw new Error("there is a file");
      const path = join(from.folder, "legal", manifest.name, file);
      const whole = await readFile(path);
      for (const broken of [
        whole.subarray(0, -1),
        whole.subarray(0, 0),
        whole.with(whole.length - 1, 1),
        Buffer.concat([whole, whole]),
      ]) {
        await writeFile(path, broken);
        const target = join(folder, `never-${turn}`);
        const action = {
          kind: "fetch",
          from,
          app: "legal",
          backup: manifest.name,
          file,
          stored,
          identity,
          into: into(target),
        } as const;
        const outcome = await doStoreAction(action, transport);
        expect(outcome.ok).toBe(false);
        expect(outcome.failure?.id).toMatch(/^(backup|seal)\.broken$/);
        await expect(stat(target)).rejects.toThrow("ENOENT");
      }
    }
  });

  test("fails as the script does, at once", async () => {
    const [from] = places();
    const manifest = await taken([from]);
    const [file = "", stored] = Object.entries(manifest.files)[0] ?? [];
    if (!stored) throw new Error("there is a file");
    const action = {
      kind: "fetch",
      from,
      app: "legal",
      backup: manifest.name,
      file,
      stored,
      into: sh`echo 'error: no room' >&2; exit 3`,
    } as const;
    expect(await doStoreAction(action, transport)).toEqual({ ok: false, text: "error: no room\n" });
  });

  test("wants an identity for what is sealed", async () => {
    const [from] = places();
    const manifest = await taken([from], [recipient]);
    const [file = "", stored] = Object.entries(manifest.files)[0] ?? [];
    if (!stored) throw new Error("there is a file");
    const action = { kind: "fetch", from, app: "legal", backup: manifest.name, file, stored, into: sh`cat` } as const;
    expect((await doStoreAction(action, transport)).failure?.id).toBe("seal.identity");
  });
});

describe("verifying and forgetting", () => {
  test("finds what changed where it is kept", async () => {
    const [, from] = places();
    const manifest = await taken([from], [recipient]);
    const verify = () => doStoreAction({ kind: "verify", from, manifest, identity }, transport);
    expect(await doStoreAction({ kind: "verify", from, manifest }, transport)).toEqual({
      ok: true,
      text: "its sealed files were not opened: no identity was given",
    });
    const path = join(from.folder, "legal", manifest.name, "about.jsonl.age");
    await appendFile(path, "x");
    expect((await verify()).failure).toMatchObject({
      id: "backup.broken",
      message: expect.stringContaining("about.jsonl.age: it has more"),
    });
    await rm(path);
    expect((await verify()).failure?.id).toBe("destination.failed");
    await writeFile(join(from.folder, "legal", manifest.name, "manifest.json"), "{}\n");
    expect((await verify()).failure?.message).toContain("its manifest was cut off or changed");
  });

  test("takes away what is named, and is content with what is gone", async () => {
    const to = places();
    const { name } = await taken(to);
    await mkdir(join(to[1].folder, "other-app"));
    for (let again = 0; again < 2; again++) {
      for (const from of to) {
        expect(await doStoreAction({ kind: "forget", from, app: "legal", backups: [name] }, transport)).toEqual({
          ok: true,
          text: "",
        });
      }
    }
    expect(await entries(to)).toEqual([]);
    expect(await readdir(to[1].folder)).toContain("other-app");
  });
});
