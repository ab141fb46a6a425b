import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { type FrontFolder, readJson, type Target, writeWhole } from "./files.ts";

/** How long a request may wait for somebody who answers, when nobody has said that it will be longer. */
const WAIT_MS = 2000;
const REPORT_MS = 25;
const LOOK_MS = 20;

/** One process that requests are sent to, and what it has under way. */
export interface Upstream {
  readonly process: string;
  readonly port: number;
  readonly agent: Agent;
  inFlight: number;
}

/** Which process gets the requests, as the target file says; what is under way elsewhere is counted until it is done. */
export class Targets {
  readonly #folder: FrontFolder;
  readonly #former = new Set<Upstream>();
  #word: Target | undefined;
  #current: Upstream | undefined;
  #reporting: NodeJS.Timeout | undefined;

  constructor(folder: FrontFolder) {
    this.#folder = folder;
    this.reload();
  }

  /** Takes the target file's word, and says so in the state file. */
  reload(): void {
    this.#word = readJson<Target>(this.#folder.file("target.json"));
    const port = this.#word && "port" in this.#word ? this.#word.port : undefined;
    if (port !== this.#current?.port) {
      if (this.#current) this.#former.add(this.#current);
      this.#current =
        port === undefined || !this.#word || !("port" in this.#word) ? undefined : upstream(this.#word.process, port);
    }
    this.#report();
  }

  /** Waits for somebody to send a request to; undefined when it took too long. `since` is when the request came. */
  async next(since: number): Promise<Upstream | undefined> {
    while (!this.#current) {
      const until = this.#word && "pausedUntil" in this.#word ? this.#word.pausedUntil : since + WAIT_MS;
      if (Date.now() >= until) return undefined;
      await delay(LOOK_MS);
    }
    return this.#current;
  }

  /** Whether a request that nobody took may be tried again. */
  mayWait(since: number): boolean {
    return Date.now() < since + WAIT_MS || this.#current === undefined;
  }

  begin(target: Upstream): void {
    target.inFlight += 1;
  }

  end(target: Upstream): void {
    target.inFlight -= 1;
  }

  /** The state file follows what the former targets still have under way; it needs no more than that. */
  #report(): void {
    const inFlight = Object.fromEntries([...this.#former].map((former) => [former.port, former.inFlight]));
    writeWhole(this.#folder.file("state.json"), { target: this.#word, inFlight });
    for (const former of this.#former) {
      if (former.inFlight > 0) continue;
      // Its idle connections are what could keep the process from ending.
      former.agent.destroy();
      this.#former.delete(former);
    }
    clearTimeout(this.#reporting);
    if (this.#former.size > 0) this.#reporting = setTimeout(() => this.#report(), REPORT_MS);
  }
}

function upstream(process: string, port: number): Upstream {
  return { process, port, agent: new Agent({ keepAlive: true, maxFreeSockets: 64 }), inFlight: 0 };
}
