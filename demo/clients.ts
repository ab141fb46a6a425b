import { Agent, get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** Clients that keep their connection and ask again as soon as they are answered. */
export class Clients {
  readonly #work: readonly Promise<void>[];
  requests = 0;
  failed = 0;
  #open = true;

  constructor(url: string, count: number) {
    this.#work = Array.from({ length: count }, () => this.#ask(url));
  }

  async #ask(url: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (this.#open) {
      this.requests += 1;
      if ((await statusOf(url, agent)) !== 200) this.failed += 1;
      await delay(10);
    }
    agent.destroy();
  }

  async stop(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#work);
  }
}

function statusOf(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const asked = get(url, { agent, timeout: 10_000 }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode ?? 0));
      answer.once("error", () => resolve(0));
    });
    asked.once("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", () => resolve(0));
  });
}
