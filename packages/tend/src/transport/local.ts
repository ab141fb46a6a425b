import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import type { HostName } from "../model/names.ts";
import type { Script } from "./argv.ts";
import { openChannel } from "./channel.ts";
import { ended } from "./child.ts";
import { addressUnreachable, closed, lost, timedOut } from "./failures.ts";
import { SH_FROM_STDIN, scriptLine } from "./foreign.ts";
import { PersistentSh } from "./persistent-sh.ts";
import type { Channel, Counters, Output, RunOptions, Transport } from "./transport.ts";

/** This machine, as if it were a host: the same shell, no connection. */
export class LocalTransport implements Transport {
  readonly host: HostName;
  readonly via = "local";
  readonly #shell: PersistentSh;
  readonly #channels = new Set<Channel>();
  #closed = false;
  #roundTrips = 0;
  #streams = 0;

  constructor(host: HostName) {
    this.host = host;
    this.#shell = new PersistentSh({
      open: async () => this.#spawn([]),
      discard: endGroup,
      lost: async (said) => lost(host, said),
      timedOut: (milliseconds) => timedOut(host, milliseconds),
    });
  }

  get counters(): Counters {
    return { connections: 0, roundTrips: this.#roundTrips, streams: this.#streams };
  }

  run(script: Script, options?: RunOptions): Promise<Output> {
    this.#roundTrips += 1;
    return this.#shell.run(script, options);
  }

  /** There is no terminal to be had without one: `tty` has no effect here. */
  stream(script: Script, { signal }: { readonly signal?: AbortSignal } = {}): Channel {
    this.#streams += 1;
    const channel = openChannel({
      scriptLine: scriptLine(script),
      within: async (use) => {
        const { exit, begun, said } = await use(this.#spawn(["-c", SH_FROM_STDIN]));
        if (!begun) throw lost(this.host, said);
        return exit;
      },
      discard: endGroup,
      signal,
    });
    const forget = () => this.#channels.delete(channel);
    this.#channels.add(channel);
    channel.done.then(forget, forget);
    return channel;
  }

  attach(script: Script): Promise<number> {
    this.#streams += 1;
    return ended(spawn("sh", ["-c", script.text], { stdio: "inherit" }));
  }

  async connect({ host, port }: { readonly host: string; readonly port: number }): Promise<Duplex> {
    this.#streams += 1;
    const socket = connect({ host, port });
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      throw addressUnreachable(this.host, `${host}:${port}`, String(error));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const channel of this.#channels) channel.close();
    await this.#shell.close();
    await Promise.allSettled([...this.#channels].map((channel) => channel.done));
  }

  /** In a session of its own: Ctrl-C is tend's to handle, and all that a script starts can be ended together. */
  #spawn(args: readonly string[]): ChildProcessWithoutNullStreams {
    if (this.#closed) throw closed(this.host);
    return spawn("sh", args, { detached: true });
  }
}

function endGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
}
