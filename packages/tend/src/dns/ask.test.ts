import { createSocket, type Socket } from "node:dgram";
import { afterEach, expect, test } from "vitest";
import { askName } from "./ask.ts";

const TYPE = { A: 1, NS: 2, CNAME: 5, AAAA: 28 } as const;
type Type = keyof typeof TYPE;
type Answer = readonly (readonly [name: string, type: Type, data: string])[] | "NXDOMAIN" | "SERVFAIL" | "REFUSED";
const RCODE = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** Name servers that say what they are told to; all of them on one port, each on its own address of the loop. */
async function servers(all: Readonly<Record<string, (name: string, type: Type) => Answer>>): Promise<number> {
  let port = 0;
  for (const [address, answer] of Object.entries(all)) {
    const socket = createSocket("udp4");
    sockets.push(socket);
    socket.on("message", (asked, from) => socket.send(reply(asked, answer), from.port, from.address));
    await new Promise<void>((resolve) => socket.bind(port, address, resolve));
    ({ port } = socket.address());
  }
  return port;
}

function reply(asked: Buffer, answer: (name: string, type: Type) => Answer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = asked.readUInt8(at); length > 0; length = asked.readUInt8(at)) {
    labels.push(asked.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = Object.entries(TYPE).find(([, code]) => code === asked.readUInt16BE(at + 1))?.[0] as Type;
  const said = answer(labels.join(".").toLowerCase(), type);
  const records = typeof said === "string" ? [] : said;
  const code = typeof said === "string" ? RCODE[said] : 0;
  const head = Buffer.concat([asked.subarray(0, 2), ...[0x8580 | code, 1, records.length, 0, 0].map(uint16)]);
  return Buffer.concat([head, asked.subarray(12, at + 5), ...records.map(record)]);
}

function record([name, type, value]: readonly [string, Type, string]): Buffer {
  const data = type === "A" ? Buffer.from(value.split(".").map(Number)) : nameBytes(value);
  const ttl = Buffer.from([0, 0, 0, 60]);
  return Buffer.concat([nameBytes(name), uint16(TYPE[type]), uint16(1), ttl, uint16(data.length), data]);
}

function nameBytes(name: string): Buffer {
  return Buffer.concat([...name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.of(0)]);
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 255);
}

const resolver = (name: string, type: Type): Answer => {
  const shop = ["shop.home.se", "CNAME", "shops.se"] as const;
  const answers: Readonly<Record<string, Answer>> = {
    "home.se NS": [["home.se", "NS", "ns.home.se"]],
    "shops.se NS": [["shops.se", "NS", "ns.shops.se"]],
    "shop.home.se NS": [shop, ["shops.se", "NS", "ns.shops.se"]],
    "shop.home.se CNAME": [shop],
    "ns.home.se A": [["ns.home.se", "A", "127.0.0.2"]],
    "ns.shops.se A": [["ns.shops.se", "A", "127.0.0.3"]],
  };
  return answers[`${name} ${type}`] ?? [];
};

test("an alias of another domain is asked for at its own name servers, and that domain at its own", async () => {
  const port = await servers({
    "127.0.0.1": resolver,
    "127.0.0.2": (name) => (name === "shop.home.se" ? [["shop.home.se", "CNAME", "shops.se"]] : []),
    "127.0.0.3": (name, type) => (name !== "shops.se" ? "REFUSED" : type === "A" ? [["shops.se", "A", "192.0.2.80"]] : []),
  });
  expect(await askName("shop.home.se", { servers: [], system: [`127.0.0.1:${port}`] })).toMatchObject({
    aliases: ["shops.se"],
    zone: "shops.se",
    servers: [{ server: "ns.shops.se (127.0.0.3)", outcome: "answer", a: ["192.0.2.80"] }],
  });
});

test("a wildcard is told of a zone that is found by a resolver on a port of its own", async () => {
  const port = await servers({
    "127.0.0.1": resolver,
    "127.0.0.2": (name, type) => (type === "A" ? [[name, "A", "192.0.2.7"]] : []),
  });
  expect(await askName("any.home.se", { servers: [], system: [`127.0.0.1:${port}`] })).toMatchObject({ wildcard: true });
});

// Servers that know no IPv6 are about still. A name that has an IPv4 address is there, whatever they say.
test.each([
  ["SERVFAIL", "broken"],
  ["REFUSED", "refused"],
  ["NXDOMAIN", "answer"],
] as const)("%s for IPv6, and an address for IPv4, comes to: %s", async (code, outcome) => {
  const port = await servers({ "127.0.0.1": (name, type) => (type === "A" ? [[name, "A", "192.0.2.7"]] : code) });
  const { servers: said } = await askName("app.home.se", { servers: [`127.0.0.1:${port}`] });
  expect(said).toMatchObject([{ outcome, a: ["192.0.2.7"] }]);
});
