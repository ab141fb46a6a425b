import { createHmac } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Records } from "../model/dns.ts";
import { DIGESTS, type TsigKey } from "./tsig-key.ts";

/** The words of RFC 2136 and 8945, as bytes. */

const TYPE = { a: 1, soa: 6, aaaa: 28, tsig: 250 } as const;
const CLASS = { in: 1, any: 255 } as const;
const OPCODE_UPDATE = 5 << 11;
const FUDGE_SECONDS = 300;

export interface Update {
  readonly id: number;
  readonly zone: string;
  readonly name: string;
  readonly records: Records;
  /** Seconds. */
  readonly ttl: number;
}

/** An update, signed: each kind of record that is given replaces what the name has of it, all at once or not at all. */
export function updateMessage(update: Update, key: TsigKey, now: Date): Buffer {
  const changes = (["a", "aaaa"] as const).flatMap((type) => {
    const values = update.records[type];
    if (values === undefined) return [];
    const all = record(update.name, TYPE[type], CLASS.any, 0, Buffer.alloc(0));
    return [all, ...values.map((value) => record(update.name, TYPE[type], CLASS.in, update.ttl, addressBytes(value)))];
  });
  const zone = Buffer.concat([nameBytes(update.zone), uint16(TYPE.soa), uint16(CLASS.in)]);
  const message = (additional: number) => Buffer.concat([header(update.id, changes.length, additional), zone, ...changes]);
  return Buffer.concat([message(1), signature(message(0), update.id, key, now)]);
}

function header(id: number, updates: number, additional: number): Buffer {
  return Buffer.concat([id, OPCODE_UPDATE, 1, 0, updates, additional].map(uint16));
}

function signature(message: Buffer, id: number, key: TsigKey, now: Date): Buffer {
  const name = nameBytes(key.name);
  const algorithm = nameBytes(key.algorithm === "hmac-md5" ? "hmac-md5.sig-alg.reg.int" : key.algorithm);
  const time = Buffer.alloc(6);
  time.writeUIntBE(Math.floor(now.getTime() / 1000), 0, 6);
  const clock = Buffer.concat([time, uint16(FUDGE_SECONDS)]);
  const [noError, noMore] = [uint16(0), uint16(0)];
  const signed = Buffer.concat([message, name, uint16(CLASS.any), uint32(0), algorithm, clock, noError, noMore]);
  const mac = createHmac(DIGESTS[key.algorithm], Buffer.from(key.secret.reveal(), "base64")).update(signed).digest();
  const data = Buffer.concat([algorithm, clock, uint16(mac.length), mac, uint16(id), noError, noMore]);
  return record(key.name, TYPE.tsig, CLASS.any, 0, data);
}

function record(name: string, type: number, klass: number, ttl: number, data: Buffer): Buffer {
  return Buffer.concat([nameBytes(name), uint16(type), uint16(klass), uint32(ttl), uint16(data.length), data]);
}

function nameBytes(name: string): Buffer {
  const labels = name === "" ? [] : name.toLowerCase().split(".");
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.of(Buffer.byteLength(label)), Buffer.from(label)])),
    Buffer.of(0),
  ]);
}

function addressBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const [before, after] = [head, tail ?? ""].map((part) => (part === "" ? [] : part.split(":")));
  const zeros = Array<string>(8 - (before?.length ?? 0) - (after?.length ?? 0)).fill("0");
  return Buffer.concat([...(before ?? []), ...zeros, ...(after ?? [])].map((group) => uint16(Number.parseInt(group, 16))));
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** What the server made of it: the name of an error, or undefined where it is done. */
export function errorIn(answer: Buffer, id: number): string | undefined {
  if (answer.length < 12 || answer.readUInt16BE(0) !== id) return "an answer to something else";
  const code = answer.readUInt16BE(2) & 15;
  if (code === 0) return undefined;
  const more = tsigError(answer);
  return more ? `${RCODES[code] ?? code} (${RCODES[more] ?? more})` : (RCODES[code] ?? `error ${code}`);
}

const RCODES: Readonly<Record<number, string>> = {
  1: "FORMERR",
  2: "SERVFAIL",
  3: "NXDOMAIN",
  4: "NOTIMP",
  5: "REFUSED",
  9: "NOTAUTH",
  10: "NOTZONE",
  16: "BADSIG",
  17: "BADKEY",
  18: "BADTIME",
};

/** The signature is the last record; why it was refused stands near its end, before what is left of it. */
function tsigError(answer: Buffer): number | undefined {
  try {
    let at = 12;
    for (let zones = answer.readUInt16BE(4); zones > 0; zones -= 1) at = afterName(answer, at) + 4;
    const records = answer.readUInt16BE(6) + answer.readUInt16BE(8) + answer.readUInt16BE(10);
    for (let left = records; left > 0; left -= 1) {
      const body = afterName(answer, at);
      const data = body + 10;
      if (answer.readUInt16BE(body) === TYPE.tsig) {
        const mac = afterName(answer, data) + 8;
        return answer.readUInt16BE(mac + 2 + answer.readUInt16BE(mac) + 2);
      }
      at = data + answer.readUInt16BE(body + 8);
    }
  } catch {
    // An answer that ends early says no more than its code.
  }
  return undefined;
}

function afterName(bytes: Buffer, at: number): number {
  let here = at;
  for (;;) {
    const length = bytes.readUInt8(here);
    if (length >= 192) return here + 2;
    here += 1 + length;
    if (length === 0) return here;
  }
}
