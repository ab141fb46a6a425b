import type { Outcome } from "../backup/outcome.ts";
import type { Records, RemoteKeeper } from "../model/dns.ts";
import { recordsText } from "../model/dns.ts";
import { Failure } from "../model/failure.ts";
import type { AgreeAction, DnsAction, RecordAction } from "../plan/plan.ts";
import type { Secret } from "../transport/secret.ts";
import type { Transport } from "../transport/transport.ts";
import { askName, type NameSeen } from "./ask.ts";
import { answerText, tells } from "./compare.ts";
import { ddclientScript, isAbout, readDdclient, wentThrough } from "./ddclient.ts";
import { setAtNamecheap } from "./namecheap.ts";
import { setByUpdate } from "./rfc2136.ts";
import { secretFrom } from "./secret-place.ts";
import { parseTsigKey } from "./tsig-key.ts";

const PATIENCE_MS = 20_000;
const PAUSE_MS = 1000;

/** What a plan does about names, from the machine that tend runs on. Secrets are taken from where they are, and go no further. */
export async function doDnsAction(action: DnsAction, transport: Transport, signal?: AbortSignal): Promise<Outcome> {
  try {
    signal?.throwIfAborted();
    if (action.kind === "record") await set(action, signal);
    else await untilAllSaySo(action, transport, signal);
    return { ok: true, text: "" };
  } catch (error) {
    if (signal?.aborted) return { ok: false, text: "interrupted" };
    if (error instanceof Failure) return { ok: false, text: error.message, failure: error };
    throw error;
  }
}

async function set({ by, name, records }: RecordAction, interrupted: AbortSignal | undefined): Promise<void> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = interrupted ? AbortSignal.any([interrupted, patience]) : patience;
  if (by.kind === "namecheap") {
    const [address] = records.a ?? [];
    if (address !== undefined) await setAtNamecheap(by, name, address, await secretOf(by), signal);
  } else {
    await setByUpdate(by, name, records, parseTsigKey(await secretOf(by), by.key), signal);
  }
}

/** Throws `dns.secret` where it isn't there, or is none of its kind: before anything is begun, too. */
export async function secretOf(keeper: RemoteKeeper): Promise<Secret> {
  if (keeper.kind === "namecheap") return secretFrom(keeper.password, `Namecheap's password for ${keeper.domain}`);
  const key = await secretFrom({ file: keeper.key }, `the key for ${keeper.zone}`);
  parseTsigKey(key, keeper.key);
  return key;
}

async function untilAllSaySo(action: AgreeAction, transport: Transport, signal: AbortSignal | undefined): Promise<void> {
  const end = performance.now() + action.deadline * 1000;
  let seen: NameSeen;
  let wanted: Records | string;
  do {
    seen = await askName(action.name, { servers: action.servers, signal });
    wanted = action.records ?? (await sentByDdclient(action.name, seen.zone, transport));
    if (typeof wanted !== "string" && allSay(seen, wanted)) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  } while (performance.now() < end && !signal?.aborted);
  const so = typeof wanted === "string" ? undefined : recordsText(wanted);
  throw new Failure({
    id: "dns.unchanged",
    exit: "failed",
    title: so === undefined ? `ddclient has not updated ${action.name}` : `not all name servers of ${action.name} say ${so}`,
    evidence: [
      ...(typeof wanted === "string" ? [wanted] : []),
      ...seen.servers.map((one) => `${one.server}: ${tells(one) ? answerText(one) : one.outcome}`),
      ...(seen.trouble ? [seen.trouble] : []),
    ].slice(0, 5),
    why: `after ${action.deadline} s of asking`,
    help: "tend dns check tells when they do",
  });
}

function allSay({ servers }: NameSeen, { a, aaaa }: Records): boolean {
  const told = servers.filter(tells);
  const same = (wanted: readonly string[] | undefined, said: readonly string[]) =>
    wanted === undefined || wanted.toSorted().join() === said.join();
  return told.length > 0 && told.every((one) => same(a, one.a) && same(aaaa, one.aaaa));
}

/** What it remembers to have sent, or why there is no such thing. */
async function sentByDdclient(name: string, zone: string | undefined, transport: Transport): Promise<Records | string> {
  const { stdout } = await transport.run(ddclientScript);
  const entry = readDdclient(stdout).remembers.find((one) => isAbout(one, name, zone));
  if (!entry) return `ddclient remembers nothing of ${name}`;
  return wentThrough(entry) && entry.ip !== undefined
    ? { a: [entry.ip] }
    : `ddclient: ${entry.host}: status=${entry.status ?? "none"}`;
}
