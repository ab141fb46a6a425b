/**
 * The program that the `process` runtime needs on a host: it keeps processes, holds their public ports, and reads
 * their logs. It is bundled into one file without dependencies, for Node 20 and newer, and knows nothing of tend.
 *
 * The daemons are `keep` (one a process) and `serve` (one a public port); everything else is done and ends.
 */
import { parseArgs } from "node:util";
import { exec } from "./exec.ts";
import { keep } from "./keep.ts";
import { printLog } from "./logs.ts";
import { closePorts, openPort } from "./port.ts";
import { explain, health, ready } from "./ready.ts";
import { retire, stop } from "./retire.ts";
import { serve } from "./serve.ts";
import { start } from "./start.ts";
import { pause, switchTo } from "./switch.ts";

const [verb = "", ...rest] = process.argv.slice(2);
const { values: options, positionals: words } = parseArgs({
  args: rest,
  allowPositionals: true,
  options: {
    address: { type: "string" },
    ended: { type: "boolean" },
    follow: { type: "boolean" },
    but: { type: "string" },
    listens: { type: "boolean" },
    log: { type: "string" },
    patience: { type: "string" },
    path: { type: "string" },
    release: { type: "string" },
    set: { type: "string", multiple: true },
    since: { type: "string" },
    status: { type: "string" },
    tail: { type: "string" },
  },
});
const [folder = "", name = "", ...more] = words;
const patience = Number(options.patience ?? 10) * 1000;
const probe = { path: options.path, status: options.status === undefined ? undefined : Number(options.status) };

const verbs: Readonly<Record<string, () => Promise<number>>> = {
  open: () => openPort(folder, Number(name), options.address),
  close: () => closePorts(folder, options.but === undefined ? undefined : Number(options.but), patience),
  start: () =>
    start(
      folder,
      name,
      more.length === 0
        ? undefined
        : {
            words: more,
            release: options.release ?? ".",
            set: options.set ?? [],
            listens: options.listens ?? false,
            log: options.log ?? "",
          },
    ),
  ready: () => ready(folder, name, { ...probe, ended: options.ended ?? false, within: patience }),
  explain: () => explain(folder, name, probe),
  pause: () => pause(folder, patience),
  switch: () => switchTo(folder, name),
  retire: () => retire(folder, name, patience),
  stop: () => stop(folder, name, patience),
  health: () => health(words),
  logs: () =>
    printLog(folder, {
      follow: options.follow ?? false,
      since: options.since,
      tail: options.tail === undefined ? undefined : Number(options.tail),
    }),
  exec: () => exec(folder, options.set ?? [], words.slice(1)),
  keep: () => keep(folder, name),
  serve: () => serve(folder, Number(name), options.address),
};

const act = verbs[verb];
if (!act) {
  process.stderr.write(`front: unknown verb "${verb}"; it knows ${Object.keys(verbs).join(", ")}\n`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await act();
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
