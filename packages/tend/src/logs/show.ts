import { createInterface } from "node:readline";
import { look } from "../carry-out.ts";
import { clean } from "../execute/evidence.ts";
import { redact } from "../execute/redact.ts";
import type { ServiceName } from "../model/names.ts";
import { prelude } from "../observe/place.ts";
import type { StreamOutput } from "../operation.ts";
import type { LogOptions, LogSource, Place } from "../runtime/runtime.ts";
import type { Session } from "../session.ts";
import { lines } from "../transport/argv.ts";
import type { Channel, Transport } from "../transport/transport.ts";
import { type Entry, Merge } from "./merge.ts";

/** While following, a line waits so many milliseconds for an earlier one that is still on its way. */
const HOLD_MS = 300;

export interface Wanted extends LogOptions {
  readonly only: readonly ServiceName[];
  readonly pattern?: RegExp;
}

/** Writes the logs of some apps in the order of their times; comes back at their end, or when the session is aborted. Answers how many sources there were. */
export async function showLogs(session: Session, places: readonly Place[], wanted: Wanted, out: StreamOutput): Promise<number> {
  const merge = new Merge(wanted.follow ? HOLD_MS : Number.POSITIVE_INFINITY, (entry) => {
    if (!wanted.pattern || wanted.pattern.test(entry.text)) write(out, entry);
  });
  const channels: Channel[] = [];
  const reading: Promise<void>[] = [];
  for (const place of places) {
    const transport = await session.transport(place.host);
    const situation = await look(place, {}, transport);
    for (const source of situation.logs(wanted.only, wanted)) {
      const channel = open(transport, place, source);
      channels.push(channel);
      reading.push(feed(channel, `${place.app.name}/${source.service}`, merge.source()));
    }
  }
  session.signal?.addEventListener("abort", () => {
    for (const channel of channels) channel.close();
  });
  await Promise.allSettled(reading);
  merge.flush();
  return reading.length;
}

function open(transport: Transport, place: Place, source: LogSource): Channel {
  return transport.stream(lines([prelude(place.host), source.script]));
}

async function feed(channel: Channel, name: string, source: ReturnType<Merge["source"]>): Promise<void> {
  for await (const line of createInterface({ input: channel.stdout, crlfDelay: Number.POSITIVE_INFINITY }))
    source.push(name, line);
  source.end();
}

function write(out: StreamOutput, entry: Entry): void {
  const text = redact(clean(entry.text));
  if (out.json) out.write(JSON.stringify({ v: 1, type: "log", at: entry.at, source: entry.source, text }));
  else out.write(`${entry.at.slice(11, 23)}  ${entry.source}  ${text}`);
}
