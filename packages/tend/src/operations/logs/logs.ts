import { createInterface } from "node:readline";
import { look } from "../../carry-out.ts";
import { clean } from "../../execute/evidence.ts";
import { redact } from "../../execute/redact.ts";
import { prelude } from "../../observe/place.ts";
import { defineOperation, type StreamOutput } from "../../operation.ts";
import { apps, count, flag, services, text, usage } from "../../params.ts";
import { lines } from "../../transport/argv.ts";
import type { Channel } from "../../transport/transport.ts";
import { Merge } from "./merge.ts";

export const logs = defineOperation({
  kind: "stream",
  name: "logs",
  summary: "Show the logs of several services, merged by time",
  effect: "reads",
  params: {
    apps: apps("whose logs; several may be on several hosts"),
    only: services("only these services"),
    follow: flag("go on showing what is new, until Ctrl-C", "f"),
    since: text("time", "from then on: 15m, 2h, 2026-11-19T03:00:00Z"),
    tail: count("lines", "the last lines of each service; 200 without --since", "n"),
    grep: text("pattern", "only lines that match this regular expression"),
  },
  examples: [
    { command: "tend logs skriptoteket -f", explains: "everything, as it comes" },
    { command: "tend logs skriptoteket --since 15m --grep 'error|500'", explains: "what went wrong lately" },
  ],
  async stream(session, input, out) {
    const pattern = input.grep === undefined ? undefined : regularExpression(input.grep);
    if (input.since !== undefined && !/^(\d+(\.\d+)?[smhd])+$|^\d{4}-\d\d-\d\d/.test(input.since)) {
      throw usage(`--since ${input.since}: expected a duration such as 15m or 2h, or a time such as 2026-11-19T03:00:00Z`);
    }
    const tail = input.tail ?? (input.since === undefined ? 200 : undefined);
    const places = await session.places(input.apps);
    const channels: Channel[] = [];
    const merge = new Merge(input.follow ? 300 : Number.POSITIVE_INFINITY, (entry) => {
      if (!pattern || pattern.test(entry.text)) write(out, entry);
    });
    const reading: Promise<void>[] = [];
    for (const place of places) {
      const transport = await session.transport(place.host);
      const situation = await look(place, {}, transport);
      const options = { follow: input.follow, since: input.since, tail };
      for (const source of situation.logs(input.only, options)) {
        const channel = transport.stream(lines([prelude(place.host), source.script]));
        channels.push(channel);
        const name = `${place.app.name}/${source.service}`;
        const feed = merge.source();
        reading.push(
          (async () => {
            for await (const line of createInterface({ input: channel.stdout, crlfDelay: Number.POSITIVE_INFINITY }))
              feed.push(name, line);
            feed.end();
          })(),
        );
      }
    }
    session.signal?.addEventListener("abort", () => {
      for (const channel of channels) channel.close();
    });
    if (reading.length === 0)
      throw usage(`no containers: nothing of ${input.apps.join(", ")} has been started`, `tend status ${input.apps.join(" ")}`);
    await Promise.allSettled(reading);
    merge.flush();
    return 0;
  },
});

function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "iu");
  } catch (error) {
    throw usage(`--grep: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function write(out: StreamOutput, entry: { readonly at: string; readonly source: string; readonly text: string }): void {
  const text = redact(clean(entry.text));
  if (out.json) out.write(JSON.stringify({ v: 1, type: "log", at: entry.at, source: entry.source, text }));
  else out.write(`${entry.at.slice(11, 23)}  ${entry.source}  ${text}`);
}
