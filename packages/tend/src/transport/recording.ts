import { type Duplex, PassThrough, Readable } from "node:stream";
import type { HostName } from "../model/names.ts";
import type { Script } from "./argv.ts";
import type { Channel, Counters, Output, RunOptions, Transport } from "./transport.ts";

/** What a script is answered: its stdout, or all of its output. What isn't said is silence and success. */
export type Answer = string | Partial<Output> | Error;

export interface Rule {
  /** Text that the script holds, a pattern that it matches, or a function that recognises it. */
  readonly when: string | RegExp | ((script: string) => boolean);
  readonly answer: Answer | ((script: string, options: RunOptions) => Answer | Promise<Answer>);
}

export interface RecordingOptions {
  readonly host?: HostName;
  /** Gets what no rule answers. Without it such a script is an error: the test doesn't know what it runs. */
  readonly over?: Transport;
  readonly connect?: (address: Address) => Duplex | Promise<Duplex>;
}

export interface Recorded {
  readonly how: "run" | "stream" | "attach";
  readonly script: string;
  /** A secret stays one. */
  readonly input?: RunOptions["input"];
}

type Address = Parameters<Transport["connect"]>[0];

/** For tests: remembers all scripts in their order, and answers by rules, the first that fits. */
export class RecordingTransport implements Transport {
  readonly host: HostName;
  readonly via = "recording";
  readonly recorded: Recorded[] = [];
  readonly #rules: readonly Rule[];
  readonly #options: RecordingOptions;
  #connects = 0;

  constructor(rules: readonly Rule[], options: RecordingOptions = {}) {
    this.host = options.host ?? options.over?.host ?? ("recorded" as HostName);
    this.#rules = rules;
    this.#options = options;
  }

  /** All scripts, in their order. */
  get scripts(): readonly string[] {
    return this.recorded.map(({ script }) => script);
  }

  get counters(): Counters {
    const runs = this.recorded.filter(({ how }) => how === "run").length;
    const connections = this.#options.over?.counters.connections ?? 0;
    return { connections, roundTrips: runs, streams: this.recorded.length - runs + this.#connects };
  }

  async run(script: Script, options: RunOptions = {}): Promise<Output> {
    const rule = this.#record("run", script, options);
    options.signal?.throwIfAborted();
    return rule ? answerOf(rule, script, options) : this.#over(script).run(script, options);
  }

  stream(script: Script, options: Parameters<Transport["stream"]>[1] = {}): Channel {
    const rule = this.#record("stream", script);
    return rule ? channelOf(answerOf(rule, script, options)) : this.#over(script).stream(script, options);
  }

  async attach(script: Script): Promise<number> {
    const rule = this.#record("attach", script);
    return rule ? (await answerOf(rule, script, {})).exit : this.#over(script).attach(script);
  }

  async connect(address: Address): Promise<Duplex> {
    this.#connects += 1;
    const connect = this.#options.connect ?? this.#options.over?.connect.bind(this.#options.over);
    if (!connect) throw new Error(`unexpected connection to ${address.host}:${address.port}`);
    return connect(address);
  }

  async close(): Promise<void> {
    await this.#options.over?.close();
  }

  #record(how: Recorded["how"], { text }: Script, { input }: RunOptions = {}): Rule | undefined {
    this.recorded.push({ how, script: text, ...(input === undefined ? {} : { input }) });
    return this.#rules.find(({ when }) => recognises(when, text));
  }

  #over(script: Script): Transport {
    if (!this.#options.over) throw new Error(`unexpected script on ${this.host}; no rule answers:\n${script.text}`);
    return this.#options.over;
  }
}

function recognises(when: Rule["when"], text: string): boolean {
  if (typeof when === "string") return text.includes(when);
  if (when instanceof RegExp) return new RegExp(when.source, when.flags.replace(/[gy]/g, "")).test(text);
  return when(text);
}

async function answerOf({ answer }: Rule, script: Script, options: RunOptions): Promise<Output> {
  const given = typeof answer === "function" ? await answer(script.text, options) : answer;
  if (given instanceof Error) throw given;
  const said = typeof given === "string" ? { stdout: given } : given;
  return { exit: 0, stdout: "", stderr: "", ms: 0, ...said };
}

function channelOf(output: Promise<Output>): Channel {
  const stdin = new PassThrough();
  stdin.resume();
  const done = output.then(({ exit }) => ({ exit }));
  done.catch(() => undefined);
  const text = (stream: "stdout" | "stderr") =>
    Readable.from(
      (async function* () {
        const said = await output.then((given) => given[stream]).catch(() => "");
        if (said !== "") yield Buffer.from(said);
      })(),
      { objectMode: false },
    );
  return { stdin, stdout: text("stdout"), stderr: text("stderr"), done, close: () => stdin.destroy() };
}
