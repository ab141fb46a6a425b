import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { opening, sealing } from "./seal.ts";

let folder: string;
let identity: string;
let recipient: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tend-seal-"));
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
  file = await identityFile("key.txt", `# created: 2026-07-31T10:15:09+02:00\n# public key: ${recipient}\n${identity}\n`);
});
afterAll(() => rm(folder, { recursive: true }));

async function identityFile(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

async function seal(bytes: Buffer, recipients = [recipient]): Promise<Buffer> {
  return all((await sealing(recipients))(Readable.from([bytes], { objectMode: false })));
}

async function open(sealed: Buffer, identities = file): Promise<Buffer> {
  return all((await opening(identities))(Readable.from([sealed], { objectMode: false })));
}

function all(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return buffer(bytes);
}

describe("what is sealed", () => {
  test.each([0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_003])("is opened again: %i bytes", async (length) => {
    const bytes = randomBytes(length);
    const sealed = await seal(bytes);
    // A byte or two turn up by chance.
    expect(sealed.includes(bytes.subarray(0, 64)) && length >= 16).toBe(false);
    expect((await open(sealed)).equals(bytes)).toBe(true);
  });

  test("is in age's own format, both ways", async () => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const sealed = await seal(Buffer.from("text"));
    expect(sealed.toString("latin1")).toMatch(/^age-encryption\.org\/v1\n-> X25519 /);
    expect(await decrypter.decrypt(sealed, "text")).toBe("text");
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    expect((await open(Buffer.from(await encrypter.encrypt("text")))).toString()).toBe("text");
  });

  test("is opened by any of its recipients, out of a file with several identities", async () => {
    const other = await generateX25519Identity();
    const sealed = await seal(Buffer.from("text"), [await identityToRecipient(other), recipient]);
    expect((await open(sealed)).toString()).toBe("text");
    const both = await identityFile("both.txt", `\r\n# one\r\n${await generateX25519Identity()}\r\n  ${other}  \r\n`);
    expect((await open(sealed, both)).toString()).toBe("text");
  });

  test("says who can't open it, and why, without repeating a secret", async () => {
    const sealed = await seal(Buffer.from("text"));
    const stranger = await identityFile("stranger.txt", `${await generateX25519Identity()}\n`);
    const whyOf = (identities: string) => open(sealed, identities).catch((error) => [error.id, error.parts.why]);
    expect(await whyOf(stranger)).toEqual(["seal.identity", "none of its identities opens it: it was sealed for others"]);
    expect(await whyOf(join(folder, "none"))).toEqual(["seal.identity", "there is no such file"]);
    expect(await whyOf(folder)).toEqual(["seal.identity", "it can't be read: EISDIR"]);
    expect(await whyOf(await identityFile("empty.txt", "# nothing\n"))).toEqual(["seal.identity", "it has no identity"]);
    const wrong = await identityFile("wrong.txt", `# a\n${identity.slice(0, -3)}\n`);
    expect(await whyOf(wrong)).toEqual(["seal.identity", "its line 2 is no age identity"]);
    const locked = await identityFile("locked.txt", "-----BEGIN AGE ENCRYPTED FILE-----\n");
    expect(await whyOf(locked)).toEqual(["seal.identity", "it is sealed with a passphrase itself"]);
  });

  test("isn't opened when a part of it is missing or changed", async () => {
    const sealed = await seal(randomBytes(200_000));
    const changed = Buffer.from(sealed);
    changed[150_000] = (changed[150_000] ?? 0) ^ 1;
    for (const bad of [
      changed,
      sealed.subarray(0, -1),
      sealed.subarray(0, 100),
      Buffer.alloc(0),
      Buffer.concat([sealed, sealed]),
    ]) {
      await expect(open(bad)).rejects.toMatchObject({ id: "seal.broken" });
    }
  });

  test("leaves an error of its source as it is", async () => {
    const broken = async function* () {
      yield await seal(randomBytes(10_000));
      throw new Error("the line went dead");
    };
    await expect(all((await opening(file))(broken()))).rejects.toThrow("the line went dead");
    await expect(all((await sealing([recipient]))(broken()))).rejects.toThrow("the line went dead");
  });

  test("lets go of its source when nobody wants more", async () => {
    const source = Readable.from([randomBytes(1_000_000), randomBytes(1_000_000)], { objectMode: false });
    let chunks = 0;
    for await (const _ of (await sealing([recipient]))(source)) if (++chunks === 3) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.destroyed).toBe(true);
  });
});

test("a recipient that is none is refused, and a secret in its place isn't repeated", async () => {
  await expect(sealing(["age1nonsense"])).rejects.toMatchObject({
    id: "seal.recipient",
    message: '"age1nonsense" is no age recipient',
  });
  await expect(sealing(["ssh-ed25519 AAAA"])).rejects.toMatchObject({ id: "seal.recipient" });
  const failure = await sealing([identity]).catch((error) => error);
  expect(failure).toMatchObject({ id: "seal.recipient", message: "an age identity stands where a recipient belongs" });
  expect(JSON.stringify([failure.parts, failure.stack, String(failure.cause)])).not.toContain(identity);
});
