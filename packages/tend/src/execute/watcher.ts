import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Watch } from "../plan/plan.ts";
import type { GapReport } from "./gap.ts";
import { request } from "./request.ts";

/** Milliseconds between two requests; so many may be waiting at once. */
const EVERY = 50;
const AT_ONCE = 20;

/** Milliseconds; who has waited for so long when the watch ends has not been served. */
const PATIENCE = 2000;

/** Asks an address all the time, as a user would, and keeps count of what it was answered. */
export class Watcher {
  readonly #watch: Watch;
  readonly #agent: HttpAgent;
  readonly #timer: NodeJS.Timeout;
  /** When those that wait for their answer began. */
  readonly #waiting = new Set<{ readonly since: number }>();
  #requests = 0;
  #failed = 0;
  #resets = 0;
  #longest = 0;
  /** The time of the last answer that counts; before the first one nothing has been interrupted. */
  #lastGood: number | undefined;
  /** What it answers when all is well. An address that is asked without a login may well say 401. */
  #usual: number | undefined;

  constructor(watch: Watch) {
    this.#watch = watch;
    const options = { keepAlive: true, maxSockets: AT_ONCE };
    this.#agent = watch.url.startsWith("https:") ? new HttpsAgent(options) : new HttpAgent(options);
    this.#timer = setInterval(() => void this.#ask(), EVERY);
  }

  async #ask(): Promise<void> {
    if (this.#waiting.size >= AT_ONCE) return;
    const one = { since: performance.now() };
    this.#waiting.add(one);
    const answer = await request(this.#watch, { agent: this.#agent, timeout: 10_000 });
    if (!this.#waiting.delete(one)) return;
    const now = performance.now();
    const good = answer.kind === "answer" && this.#isGood(answer.status);
    if (this.#lastGood === undefined && !good) return;
    this.#requests += 1;
    if (good) {
      this.#longest = Math.max(this.#longest, now - (this.#lastGood ?? now));
      this.#lastGood = now;
    } else if (answer.kind === "reset") this.#resets += 1;
    else this.#failed += 1;
  }

  /** A proxy that has nobody to pass a request on to says so with 404 as well as with 502. */
  #isGood(status: number): boolean {
    if (status < 400 || (this.#usual === undefined && status < 500)) this.#usual = status;
    return status < 400 || status === this.#usual;
  }

  /** Stops asking and answers what was seen; undefined when the address never answered. */
  stop(): GapReport | undefined {
    clearInterval(this.#timer);
    const now = performance.now();
    const hanging = [...this.#waiting].filter((one) => now - one.since > PATIENCE).length;
    this.#waiting.clear();
    this.#agent.destroy();
    if (this.#lastGood === undefined) return undefined;
    const longest = Math.max(this.#longest, now - this.#lastGood);
    return {
      url: this.#watch.url,
      requests: this.#requests + hanging,
      failed: this.#failed + hanging,
      resets: this.#resets,
      longestGapMs: Math.round(longest),
    };
  }
}
