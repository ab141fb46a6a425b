import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Duplex } from "node:stream";
import type { HostName } from "../model/names.ts";
import type { Script } from "./argv.ts";
import { openChannel } from "./channel.ts";
import { ended } from "./child.ts";
import { Connection } from "./connection.ts";
import { addressUnreachable, lost, timedOut } from "./failures.ts";
import { SH_FROM_STDIN, scriptLine, shWithArgument } from "./foreign.ts";
import { Forward } from "./forward.ts";
import type { Master } from "./master.ts";
import { PersistentSh } from "./persistent-sh.ts";
import { Slots } from "./slots.ts";
import type { Channel, Counters, Output, RunOptions, Transport } from "./transport.ts";

/**
 * sshd allows ten sessions on a connection. Two are the master's own and the persistent shell's; two are left for
 * those that count until their processes have ended there, when here they are closed already.
 */
const CHANNELS = 6;

/** ssh's own failures, and what a script may exit with as well. */
const SSH_FAILED = 255;

/** How long a script may take to end when it is told to, before its session is closed. */
const PATIENCE_MS = 500;

/** Connects by the first of the aliases that answers. */
export async function openSsh(host: HostName, aliases: readonly string[]): Promise<Transport> {
  const transport = new SshTransport(host, new Connection(host, aliases));
  await transport.open();
  return transport;
}

/** The system's OpenSSH with the user's own configuration: one connection, and a persistent `sh` at its end. */
class SshTransport implements Transport {
  readonly host: HostName;
  readonly #connection: Connection;
  readonly #shell: PersistentSh;
  readonly #slots = new Slots(CHANNELS);
  readonly #channels = new Set<Channel>();
  #shellsMaster: Master | undefined;
  #roundTrips = 0;
  #streams = 0;

  constructor(host: HostName, connection: Connection) {
    this.host = host;
    this.#connection = connection;
    this.#shell = new PersistentSh({
      open: (again) => this.#openShell(again),
      discard: (child, group) => this.#discard(child, group),
      lost: (said) => this.#lost(this.#shellsMaster, said),
      timedOut: (milliseconds) => timedOut(host, milliseconds),
    });
  }

  get via(): string {
    return this.#connection.alias;
  }

  get counters(): Counters {
    return { connections: this.#connection.count, roundTrips: this.#roundTrips, streams: this.#streams };
  }

  async open(): Promise<void> {
    try {
      await this.#connection.master();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  run(script: Script, options?: RunOptions): Promise<Output> {
    this.#roundTrips += 1;
    return this.#shell.run(script, options);
  }

  stream(script: Script, { signal, tty }: { readonly signal?: AbortSignal; readonly tty?: boolean } = {}): Channel {
    this.#streams += 1;
    const client = (master: Master) =>
      tty ? master.client(["-tt"], shWithArgument(script)) : master.client(["-T"], SH_FROM_STDIN);
    const channel = openChannel({
      scriptLine: tty ? undefined : scriptLine(script),
      within: (use) =>
        this.#over(async (master) => {
          const { exit, begun, said } = await use(client(master));
          if (!begun) throw await this.#lost(master, said);
          return this.#judge(master, exit, said);
        }),
      discard: (child, group) => this.#discard(child, group),
      signal,
    });
    const forget = () => this.#channels.delete(channel);
    this.#channels.add(channel);
    channel.done.then(forget, forget);
    return channel;
  }

  attach(script: Script): Promise<number> {
    this.#streams += 1;
    const terminal = process.stdin.isTTY ? "-t" : "-T";
    return this.#over(async (master) => {
      const exit = await ended(master.attached([terminal], shWithArgument(script)));
      return this.#judge(master, exit, "");
    });
  }

  connect({ host, port }: { readonly host: string; readonly port: number }): Promise<Duplex> {
    this.#streams += 1;
    const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    this.#over(async (master) => {
      const forward = new Forward(master.client(["-v", "-W", address]));
      if (await forward.open) resolve(forward.duplex);
      else if (await master.answers()) reject(addressUnreachable(this.host, address, master.said));
      else throw await this.#lost(master, forward.said);
      await forward.gone;
    }).catch(reject);
    return promise;
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) channel.close();
    await this.#shell.close();
    await this.#connection.close();
    await Promise.allSettled([...this.#channels].map((channel) => channel.done));
  }

  /** Does something that takes a place among the connection's channels. */
  async #over<T>(use: (master: Master) => Promise<T>): Promise<T> {
    const leave = await this.#slots.take();
    try {
      return await use(await this.#connection.master());
    } finally {
      leave();
    }
  }

  async #openShell(again: boolean): Promise<ChildProcessWithoutNullStreams> {
    let master = await this.#connection.master();
    if (again && !(await master.answers())) {
      await this.#connection.drop(master);
      master = await this.#connection.master();
    }
    this.#shellsMaster = master;
    return master.client(["-T"], "exec sh");
  }

  /** A script's own status, or `transport.lost`. */
  async #judge(master: Master, exit: number, said: string): Promise<number> {
    if (exit !== SSH_FAILED) return exit;
    if (await master.answers()) return exit;
    throw await this.#lost(master, said);
  }

  /** The group is ended first: a script must not take the end of its connection for the end of its input. */
  #discard(child: ChildProcessWithoutNullStreams, group: number | undefined): void {
    if (group !== undefined) this.#connection.current?.endGroup(group);
    const timer = setTimeout(() => child.kill("SIGKILL"), group === undefined ? 0 : PATIENCE_MS);
    child.once("exit", () => clearTimeout(timer));
  }

  async #lost(master: Master | undefined, said: string): Promise<Error> {
    if (master && !(await master.answers())) await this.#connection.drop(master);
    return lost(this.host, `${said}\n${master?.said ?? ""}`);
  }
}
