import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { constants } from "node:os";
import { PassThrough } from "node:stream";
import { announced } from "./announcement.ts";
import { ended, hasEnded, Tail } from "./child.ts";
import type { Channel } from "./transport.ts";

export interface Ending {
  readonly exit: number;
  /** Whether the script was run at all. */
  readonly begun: boolean;
  /** What was last on stderr. */
  readonly said: string;
}

export interface ChannelSource {
  /** The line that brings the script; without it the process has it already, and announces nothing. */
  readonly scriptLine: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Starts the process when there is room for it, lets it be used to its end, and judges what that was. */
  within(use: (child: ChildProcessWithoutNullStreams) => Promise<Ending>): Promise<number>;
  /** Ends the process, and with it the group, when that is known. */
  discard(child: ChildProcessWithoutNullStreams, group: number | undefined): void;
}

const CLOSED = 128 + constants.signals.SIGTERM;

/** A script in a process of its own, with streams that are there before the process is. */
export function openChannel({ scriptLine, signal, within, discard }: ChannelSource): Channel {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const closing = new AbortController();
  const close = () => closing.abort();
  if (signal?.aborted) close();
  else signal?.addEventListener("abort", close, { once: true });
  // A source that breaks must not look like the end of the data.
  stdin.on("error", () => undefined).once("close", () => stdin.writableFinished || close());

  let child: ChildProcessWithoutNullStreams | undefined;
  const use = async (opened: ChildProcessWithoutNullStreams): Promise<Ending> => {
    child = opened;
    const end = ended(opened);
    let group: number | undefined;
    const stop = () => !hasEnded(opened) && discard(opened, group);
    closing.signal.addEventListener("abort", stop, { once: true });
    if (closing.signal.aborted) stop();
    opened.stdin.on("error", () => undefined); // it has ended: `done` tells
    if (scriptLine !== undefined) {
      const announcement = await announced(opened.stderr, end);
      group = announcement.group;
      if (group === undefined || closing.signal.aborted) return { exit: await end, begun: false, said: announcement.said };
      opened.stdin.write(scriptLine);
    }
    const said = new Tail();
    stdin.pipe(opened.stdin);
    opened.stdout.pipe(stdout);
    opened.stderr.on("data", (chunk: Buffer) => said.push(chunk)).pipe(stderr);
    const exit = await end;
    return { exit, begun: true, said: said.text };
  };

  /** The streams of a process that was lost or closed may stay open without it. */
  const cut = () => {
    for (const stream of [child?.stdout, child?.stderr]) stream?.unpipe();
    for (const stream of [stdout, stderr]) stream.end();
  };

  const run = async () => {
    try {
      const exit = await within(use);
      if (!closing.signal.aborted) return { exit };
    } catch (error) {
      cut();
      if (!closing.signal.aborted) throw error;
    } finally {
      signal?.removeEventListener("abort", close);
      stdin.unpipe().resume(); // whoever still writes isn't kept waiting
    }
    cut();
    return { exit: CLOSED };
  };
  const done = run();
  done.catch(() => undefined); // a caller that only reads isn't brought down by a rejection it doesn't wait for
  return { stdin, stdout, stderr, done, close };
}
