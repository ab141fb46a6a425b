import type { Progress } from "../carry-out.ts";
import type { Failure, FailureParts } from "../model/failure.ts";
import { printSteps } from "../plan/print.ts";
import type { Renderer, Screen } from "./progress.ts";

/** NDJSON, version 1: a line an event while running, and a last line of type `result`. */
export class JsonRenderer implements Renderer {
  readonly #out: Screen;
  constructor(out: Screen) {
    this.#out = out;
  }

  show(progress: Progress): void {
    switch (progress.type) {
      case "reached":
        this.#line({ type: "reached", host: progress.host, via: progress.via });
        return;
      case "plan": {
        const { id, operation, app, host, title, summary, basis, undoneBy, stakes } = progress.plan;
        this.#line({
          type: "plan",
          run: id,
          operation,
          app,
          host,
          title,
          summary,
          basis,
          undoneBy,
          stakes,
          steps: printSteps(progress.plan),
        });
        return;
      }
      case "nothing":
        this.#line({ type: "nothing", app: progress.app, host: progress.host, text: progress.text });
        return;
      case "news":
        this.#line({ ...progress.news, run: progress.plan.id, app: progress.plan.app });
        return;
      case "end": {
        const { plan, result, gap, ms, failure } = progress.report;
        this.#line({
          type: "run.end",
          run: plan.id,
          app: plan.app,
          host: plan.host,
          result,
          ms: Math.round(ms),
          gap,
          failure: failure && failureJson(failure),
        });
        return;
      }
      case "failure":
        this.#line({ type: "failure", app: progress.app, host: progress.host, failure: failureJson(progress.failure) });
    }
  }

  result(exit: number, failures: readonly Failure[], reached: Readonly<Record<string, object>>): void {
    this.#line({ type: "result", exit, failures: failures.map(failureJson), reached });
  }

  #line(value: object): void {
    this.#out.write(`${JSON.stringify({ v: 1, ...value })}\n`);
  }

  close(): void {
    // Every line was written when it was made.
  }
}

export function failureJson(failure: Failure): Omit<FailureParts, "cause"> {
  const { cause: _, ...parts } = failure.parts;
  return parts;
}
