import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Decrypter } from "age-encryption";
import { Failure } from "../model/failure.ts";
import { NONCE_BYTES, openChunks, payloadKey, sealChunks, TAG_BYTES } from "./age-payload.ts";

type Bytes = AsyncIterable<Uint8Array>;

/**
 * Seals bytes on their way, in age's own format: age itself opens them too. A bit that changes, or an end that comes
 * early, is found on opening.
 */
export async function sealing(recipients: readonly string[]): Promise<(source: Bytes) => AsyncGenerator<Uint8Array>> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (error) {
      throw notARecipient(recipient, error);
    }
  }
  let fileKey: Uint8Array | undefined;
  // A recipient is handed the key of each file. This one notes it, and adds nothing to the header.
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Uint8Array.from(key);
      return [];
    },
  });
  return async function* (source) {
    const empty = await encrypter.encrypt(new Uint8Array());
    if (!fileKey) throw new Error("the age library made no key");
    const header = empty.subarray(0, -NONCE_BYTES - TAG_BYTES);
    const nonce = randomBytes(NONCE_BYTES);
    yield Buffer.concat([header, nonce]);
    yield* sealChunks(payloadKey(fileKey, nonce), source);
  };
}

/**
 * Opens bytes on their way. What comes out was sealed as it is, but only its end says that nothing is missing: who
 * uses it before must be able to take that back.
 */
export async function opening(identityFile: string): Promise<(source: Bytes) => AsyncGenerator<Uint8Array>> {
  const decrypter = await decrypterOf(identityFile);
  return async function* (source) {
    let theirs: { readonly error: unknown } | undefined;
    const noted = async function* () {
      try {
        yield* source;
      } catch (error) {
        theirs = { error };
        throw error;
      }
    };
    try {
      const { header, nonce, rest } = await readHeader(noted());
      yield* openChunks(payloadKey(await decrypter.decryptHeader(header), nonce), rest);
    } catch (error) {
      throw theirs ? theirs.error : whyClosed(error, identityFile);
    }
  };
}

const FIRST_LINE = "age-encryption.org/v1\n";
const HEADER_MOST = 1024 * 1024;

/** The header ends with a line that begins with `---`; after it stands the nonce. */
async function readHeader(source: AsyncGenerator<Uint8Array>) {
  let read = Buffer.alloc(0);
  for (;;) {
    const { value, done } = await source.next();
    if (done) throw new Error("its header is missing");
    read = Buffer.concat([read, value]);
    const begins = read.toString("latin1", 0, FIRST_LINE.length);
    if (!FIRST_LINE.startsWith(begins) || read.length > HEADER_MOST) throw new Error("it is no age file");
    const mac = read.indexOf("\n--- ");
    const end = mac < 0 ? -1 : read.indexOf("\n", mac + 1);
    const payload = end + 1 + NONCE_BYTES;
    if (end >= 0 && read.length >= payload) {
      return {
        header: read.subarray(0, end + 1),
        nonce: read.subarray(end + 1, payload),
        rest: after(read.subarray(payload), source),
      };
    }
  }
}

async function* after(first: Uint8Array, source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* source;
}

/** All identities of a file as `age-keygen` writes it: comments, and a key on a line. */
async function decrypterOf(file: string): Promise<Decrypter> {
  const { Decrypter } = await import("age-encryption");
  const text = await readFile(file.startsWith("~/") ? join(homedir(), file.slice(2)) : file, "utf8").catch(
    (error: NodeJS.ErrnoException) => {
      throw noIdentity(
        file,
        error.code === "ENOENT" ? "there is no such file" : `it can't be read: ${error.code ?? error.message}`,
      );
    },
  );
  if (/^(age-encryption\.org\/|-----BEGIN AGE)/.test(text)) {
    throw noIdentity(
      file,
      "it is sealed with a passphrase itself",
      "put it in clear, readable by you alone, while tend needs it: age -d",
    );
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (identities.length === 0) throw noIdentity(file, "it has no identity");
  const decrypter = new Decrypter();
  for (const identity of identities) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      // The library's error would repeat the line, and with it perhaps a secret.
      throw noIdentity(file, `its line ${lines.indexOf(identity) + 1} is no age identity`);
    }
  }
  return decrypter;
}

function whyClosed(error: unknown, file: string): Failure {
  const said = error instanceof Error ? error.message : String(error);
  if (said.includes("no identity matched")) {
    return noIdentity(file, "none of its identities opens it: it was sealed for others");
  }
  return new Failure({
    id: "seal.broken",
    title: "what was sealed can't be opened: bytes of it changed, or it was cut off",
    exit: "failed",
    evidence: [`age: ${said}`],
    changed: "nothing",
    help: "take another backup, or the same one from another destination: tend backups",
    cause: error,
  });
}

function noIdentity(file: string, why: string, help = NAME_IT): Failure {
  return new Failure({
    id: "seal.identity",
    title: `the age identity in ${file} doesn't open it`,
    exit: "refused",
    where: file,
    why,
    changed: "nothing",
    help,
  });
}

/** A sealed backup, and nobody said where the identity is. */
export function needsIdentity(backup: string): Failure {
  return new Failure({
    id: "seal.identity",
    title: `the backup ${backup} is sealed, and no age identity is known that opens it`,
    exit: "refused",
    changed: "nothing",
    help: NAME_IT,
  });
}

const NAME_IT = "name the file with the identity under backups.encrypt.identity in tend.yaml";

function notARecipient(recipient: string, cause: unknown): Failure {
  const secret = /^AGE-SECRET-KEY/i.test(recipient);
  return new Failure({
    id: "seal.recipient",
    title: secret ? "an age identity stands where a recipient belongs" : `${JSON.stringify(recipient)} is no age recipient`,
    exit: "refused",
    why: secret ? "it is the secret that opens backups; whoever reads the declaration has it now" : undefined,
    changed: "nothing",
    help: "a recipient begins with age1: age-keygen -y IDENTITY-FILE prints it",
    cause: secret ? undefined : cause,
  });
}
