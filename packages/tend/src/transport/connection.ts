import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { HostName } from "../model/names.ts";
import { closed, type Refusal, unreachable } from "./failures.ts";
import { Master, Refused } from "./master.ts";
import { socketFolder } from "./socket-folder.ts";

/** The connection to a host, made when it is first needed and anew after it was lost; never two at a time. */
export class Connection {
  readonly #host: HostName;
  readonly #aliases: readonly string[];
  #folder: Promise<string> | undefined;
  #pending: Promise<Master> | undefined;
  #current: Master | undefined;
  #closed = false;
  #count = 0;

  constructor(host: HostName, aliases: readonly string[]) {
    this.#host = host;
    this.#aliases = aliases;
  }

  get current(): Master | undefined {
    return this.#current;
  }

  /** How many were made. */
  get count(): number {
    return this.#count;
  }

  /** The alias that answered last. */
  get alias(): string {
    return this.#current?.alias ?? this.#aliases[0] ?? this.#host;
  }

  /** Throws `host.unreachable`. */
  async master(): Promise<Master> {
    if (this.#closed) throw closed(this.#host);
    if (this.#current?.ended) await this.drop(this.#current);
    this.#pending ??= this.#reach();
    return this.#pending;
  }

  /** Gives up a master that answers no more; the next need makes a new one. */
  async drop(master: Master): Promise<void> {
    if (this.#current === master) this.#pending = this.#current = undefined;
    await master.end();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const master = await this.#pending?.catch(() => undefined);
    await master?.end();
    if (this.#folder) await rm(await this.#folder, { recursive: true, force: true });
  }

  async #reach(): Promise<Master> {
    const refusals: Refusal[] = [];
    try {
      this.#folder ??= socketFolder();
      for (const alias of this.#aliases) {
        const socket = join(await this.#folder, `${this.#count}`);
        const master = await Master.open(alias, socket).catch((error) => refused(error, refusals));
        if (!master) continue;
        this.#count += 1;
        this.#current = master;
        return master;
      }
      throw unreachable(this.#host, refusals);
    } catch (error) {
      this.#pending = undefined;
      throw error;
    }
  }
}

function refused(error: unknown, refusals: Refusal[]): undefined {
  if (!(error instanceof Refused)) throw error;
  refusals.push(error);
}
