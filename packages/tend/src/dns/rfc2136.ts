import { randomInt } from "node:crypto";
import { connect } from "node:net";
import { socketAddress } from "../model/addresses.ts";
import type { Records, Rfc2136Keeper } from "../model/dns.ts";
import { Failure } from "../model/failure.ts";
import type { TsigKey } from "./tsig-key.ts";
import { errorIn, updateMessage } from "./update-message.ts";

/** Sets a name's records on a name server that takes dynamic updates: over TCP, so that it is known whether it got there. */
export async function setByUpdate(
  keeper: Rfc2136Keeper,
  name: string,
  records: Records,
  key: TsigKey,
  signal: AbortSignal,
): Promise<void> {
  const id = randomInt(65_536);
  const message = updateMessage({ id, zone: keeper.zone, name, records, ttl: keeper.ttl }, key, new Date());
  const answer = await exchange(keeper.server, message, signal).catch((error: unknown) =>
    Promise.reject(
      new Failure({
        id: "dns.unreachable",
        exit: "unreachable",
        title: `${keeper.server} takes no updates over TCP`,
        evidence: [error instanceof Error ? error.message : String(error)],
      }),
    ),
  );
  const error = errorIn(answer, id);
  if (error === undefined) return;
  throw new Failure({
    id: "dns.refused",
    exit: "failed",
    title: `${keeper.server} doesn't change ${name}: ${error}`,
    evidence: [`update of the zone ${keeper.zone}, signed with the key "${key.name}" (${key.algorithm}): ${error}`],
    why: WHY[error],
  });
}

const WHY: Readonly<Record<string, string>> = {
  "NOTAUTH (BADKEY)": "the server knows no key of that name, or has it with another algorithm",
  "NOTAUTH (BADSIG)": "the server's key of that name is another one",
  "NOTAUTH (BADTIME)": "the clocks differ by more than five minutes",
  NOTAUTH: "the server isn't the primary of that zone, or doesn't know the key",
  NOTZONE: "the name isn't in that zone",
  REFUSED: "the key may not change that name: the server's allow-update, update-policy or acl",
};

function placeOf(server: string): { readonly host: string; readonly port: number } {
  const numeric = socketAddress(server);
  if (numeric) return { host: numeric.address, port: numeric.port };
  const [host = "", port = "53"] = server.split(":");
  return { host, port: Number(port) };
}

/** One message and its answer, each after its length, as DNS goes over TCP. */
function exchange(server: string, message: Buffer, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...placeOf(server), signal, timeout: 10_000 });
    let bytes = Buffer.alloc(0);
    socket.on("connect", () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
    });
    socket.on("data", (part) => {
      bytes = Buffer.concat([bytes, part]);
      if (bytes.length < 2 || bytes.length < 2 + bytes.readUInt16BE(0)) return;
      resolve(bytes.subarray(2, 2 + bytes.readUInt16BE(0)));
      socket.destroy();
    });
    socket.on("timeout", () => socket.destroy(new Error("no answer within 10 s")));
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("it closed the connection without an answer")));
  });
}
