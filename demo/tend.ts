import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AppOnStage, Stage } from "./stage.ts";
import type { Teller } from "./teller.ts";

const PROGRAM = fileURLToPath(new URL("../packages/tend/bin/tend.js", import.meta.url));

export interface Outcome {
  readonly exit: number;
  readonly output: string;
}

/** The real command line in a process of its own, run in the stage's folder; and a user's view of the apps. */
export class Tend {
  readonly #stage: Stage;
  readonly #say: Teller;
  readonly #signal: AbortSignal | undefined;

  constructor(stage: Stage, say: Teller, signal?: AbortSignal) {
    this.#stage = stage;
    this.#say = say;
    this.#signal = signal;
  }

  /** Shows the command, what it prints, and a blank line. Throws when the demo is being ended. */
  async run(...words: readonly string[]): Promise<Outcome> {
    this.#signal?.throwIfAborted();
    this.#say.command(["npx tend", ...words]);
    const outcome = await this.quietly(words, (text) => process.stdout.write(text));
    this.#say.line("");
    this.#signal?.throwIfAborted();
    return outcome;
  }

  async quietly(words: readonly string[], show: (text: string) => void = () => undefined): Promise<Outcome> {
    const { folder } = this.#stage;
    const colour = process.stdout.isTTY && !process.env["NO_COLOR"] ? { FORCE_COLOR: "1" } : {};
    const env = { ...process.env, ...colour, PATH: `${join(folder, "node_modules/.bin")}:${process.env["PATH"]}` };
    const child = spawn(process.execPath, [PROGRAM, ...words], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      // What ends the apps must not be ended itself by one more Ctrl-C.
      detached: this.#signal === undefined,
    });
    // A terminal's Ctrl-C reaches it by itself; any other ending is passed on.
    const end = () => child.kill("SIGTERM");
    this.#signal?.addEventListener("abort", end, { once: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        show(text);
      });
    }
    const exit = await new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? 1)));
    this.#signal?.removeEventListener("abort", end);
    return { exit, output };
  }

  /** What a user gets; what is wrong instead, if anything. */
  async get(app: AppOnStage, path: string): Promise<string> {
    try {
      const answer = await fetch(`${app.url}${path}`, { signal: AbortSignal.timeout(10_000) });
      return answer.ok ? await answer.text() : `status ${answer.status}`;
    } catch (error) {
      return String(error);
    }
  }

  async post(app: AppOnStage, path: string, body: unknown): Promise<number> {
    const answer = await fetch(`${app.url}${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    await answer.body?.cancel();
    return answer.status;
  }
}
