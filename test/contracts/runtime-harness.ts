import { Agent, get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { carryOut, look, type Progress } from "../../packages/tend/src/carry-out.ts";
import type { News, RunReport } from "../../packages/tend/src/execute/execute.ts";
import type { Failure } from "../../packages/tend/src/model/failure.ts";
import type { AppName } from "../../packages/tend/src/model/names.ts";
import { observe } from "../../packages/tend/src/observe/observe.ts";
import { prelude } from "../../packages/tend/src/observe/place.ts";
import { operations } from "../../packages/tend/src/operations/index.ts";
import type { Plan } from "../../packages/tend/src/plan/plan.ts";
import { runtimes } from "../../packages/tend/src/runtime/index.ts";
import type { AppStatus, Wanted } from "../../packages/tend/src/runtime/runtime.ts";
import { Session } from "../../packages/tend/src/session.ts";
import { lines, type Script } from "../../packages/tend/src/transport/argv.ts";
import type { Output } from "../../packages/tend/src/transport/transport.ts";

/**
 * An app on a host that a runtime's contract can be held against. It has one routed service, `web`, which answers
 * /version with its version and /health with 200, prints `serving VERSION` when it starts, and gets GREETING=hello
 * from the declaration and SEASON from an env file.
 */
export interface RuntimeFixture {
  /** The path of its tend.yaml. */
  readonly declaration: string;
  readonly app: string;
  /** Where its users reach it. */
  readonly url: string;
  /** Brings a version to where a deploy finds it; one that is broken prints the text as an error and ends. */
  publish(version: string, options?: { readonly broken?: string }): Promise<Wanted>;
  /** What the env file says from the next deploy or recreate on. */
  setSeason(season: string): Promise<void>;
  close(): Promise<void>;
}

export interface Outcome {
  readonly plan?: Plan;
  readonly nothing?: string;
  readonly report?: RunReport;
  readonly failure?: Failure;
}

/** An app under test: operations as a surface calls them, and what they came to. */
export class Subject {
  readonly fixture: RuntimeFixture;
  readonly #session: Session;

  constructor(fixture: RuntimeFixture) {
    this.fixture = fixture;
    this.#session = new Session({ cwd: "/", file: fixture.declaration });
  }

  deploy(
    wanted: Wanted = {},
    options: { dryRun?: boolean; forceRecreate?: boolean; onNews?: (news: News) => void } = {},
  ): Promise<Outcome> {
    const { forceRecreate = false, ...rest } = options;
    return this.#carryOut("deploy", { apps: [this.fixture.app], only: [], forceRecreate, ...wanted }, rest);
  }

  rollback(to?: number): Promise<Outcome> {
    return this.#carryOut("rollback", { app: this.fixture.app, to });
  }

  /** start, stop, restart and recreate. */
  power(verb: string): Promise<Outcome> {
    return this.#carryOut(verb, { app: this.fixture.app, only: [] });
  }

  resume(): Promise<Outcome> {
    return this.#carryOut("resume", { apps: [this.fixture.app], app: this.fixture.app });
  }

  async status(): Promise<AppStatus> {
    const { place, transport } = await this.#there();
    const query = runtimes[place.app.runtime].glance(place);
    return query.read(await observe(transport, prelude(place.host), query.probes));
  }

  async situation() {
    const { place, transport } = await this.#there();
    return look(place, {}, transport);
  }

  /** On the app's host. */
  async run(script: Script): Promise<Output> {
    const { place, transport } = await this.#there();
    return transport.run(lines([prelude(place.host), script]));
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #there() {
    const place = await this.#session.place(this.fixture.app as AppName);
    return { place, transport: await this.#session.transport(place.host) };
  }

  async #carryOut(
    name: string,
    input: Record<string, unknown>,
    options: { dryRun?: boolean; onNews?: (news: News) => void } = {},
  ): Promise<Outcome> {
    const operation = await operations.find((entry) => entry.name === name)?.load();
    if (operation?.kind !== "planned" && operation?.kind !== "resumed") throw new Error(`${name} is no operation with a plan`);
    let outcome: Outcome = {};
    const on = (progress: Progress) => {
      if (progress.type === "plan") outcome = { ...outcome, plan: progress.plan };
      if (progress.type === "nothing") outcome = { ...outcome, nothing: progress.text };
      if (progress.type === "end") outcome = { ...outcome, report: progress.report };
      if (progress.type === "news") options.onNews?.(progress.news);
    };
    const [failure] = await carryOut(this.#session, operation, input, { dryRun: options.dryRun ?? false, on });
    return { ...outcome, failure };
  }
}

export interface Seen {
  readonly requests: number;
  /** What went wrong, a line each. */
  readonly failed: readonly string[];
  /** In the order in which they were first seen. */
  readonly versions: readonly string[];
}

/** Many clients, each with one connection that it keeps, asking for the version without a pause. */
export class Clients {
  readonly #failed: string[] = [];
  readonly #versions = new Set<string>();
  readonly #work: Promise<void>[];
  #requests = 0;
  #open = true;

  constructor(url: string, count: number) {
    this.#work = Array.from({ length: count }, () => this.#ask(url));
  }

  async #ask(url: string): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (this.#open) {
      const { status, text } = await fetchText(`${url}/version`, agent);
      this.#requests += 1;
      if (status === 200) this.#versions.add(text);
      else this.#failed.push(`${status} ${text}`);
      // As fast as a busy person, not as a machine: the processor is wanted for the deploy as well.
      await delay(10);
    }
    agent.destroy();
  }

  async stop(): Promise<Seen> {
    this.#open = false;
    await Promise.all(this.#work);
    return { requests: this.#requests, failed: this.#failed, versions: [...this.#versions] };
  }
}

/** The version that users get; what is wrong instead, if anything. */
export async function versionAt(url: string): Promise<string> {
  const { status, text } = await fetchText(`${url}/version`);
  return status === 200 ? text : `${status} ${text}`;
}

function fetchText(url: string, agent?: Agent): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve) => {
    const asked = get(url, { agent, timeout: 20_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: text.trim() }));
      answer.on("error", (error) => resolve({ status: 0, text: String(error) }));
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", (error) => resolve({ status: 0, text: String(error) }));
  });
}
