import type { Progress } from "../carry-out.ts";
import type { News, RunReport } from "../execute/execute.ts";
import { isHostItself } from "../model/fleet.ts";
import type { Plan } from "../plan/plan.ts";
import { failureLines } from "./failure.ts";
import { gapText } from "./gap.ts";
import type { Paint } from "./paint.ts";
import { planText, summaryText } from "./plan.ts";
import { seconds } from "./time.ts";

/** Turns what happens into lines, for people or as NDJSON. It holds no more than what it has to line up. */
export interface Renderer {
  show(progress: Progress): void;
  close(): void;
}

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** A line a step as it ends; on a terminal, the one under way is shown below with its time. */
export class LineRenderer implements Renderer {
  readonly #out: Screen;
  readonly #paint: Paint;
  readonly #dryRun: boolean;
  readonly #via = new Map<string, string>();
  readonly #current = new Map<string, { readonly title: string; readonly since: number }>();
  readonly #told = new Set<string>();
  #plans = 0;
  readonly #many: boolean;
  #timer: NodeJS.Timeout | undefined;
  #drawn = false;

  constructor(out: Screen, paint: Paint, options: { readonly dryRun: boolean; readonly many: boolean }) {
    this.#out = out;
    this.#paint = paint;
    this.#dryRun = options.dryRun;
    this.#many = options.many;
    if (out.isTTY) this.#timer = setInterval(() => this.#draw(), 200).unref();
  }

  show(progress: Progress): void {
    switch (progress.type) {
      case "reached":
        this.#via.set(progress.host, progress.via);
        return;
      case "nothing":
        this.#print([
          `${isHostItself(progress.app) ? progress.host : `${progress.app} on ${progress.host}`}: nothing to do: ${progress.text}`,
        ]);
        return;
      case "plan":
        this.#print([
          ...(this.#plans++ > 0 ? [""] : []),
          ...(this.#dryRun
            ? planText(progress.plan, this.#paint)
            : [...summaryText(progress.plan, this.#via.get(progress.plan.host), this.#paint), ""]),
        ]);
        return;
      case "news":
        this.#news(progress.plan, progress.news);
        return;
      case "end":
        this.#current.delete(progress.report.plan.id);
        this.#print(this.#end(progress.report));
        return;
      case "failure":
        this.#print(["", ...failureLines(progress.failure.parts, this.#paint)]);
    }
  }

  #news(plan: Plan, news: News): void {
    const prefix = this.#many ? `${plan.app}  ` : "";
    if (news.type === "step.start") {
      this.#current.set(plan.id, { title: `${prefix}${titleOf(plan, news.step)}`, since: Date.now() });
      this.#draw();
      return;
    }
    if (news.type === "undo.start") {
      this.#print([`  ${prefix}${this.#paint("yellow", "taking back what was begun")}`]);
      return;
    }
    this.#current.delete(plan.id);
    if (news.type === "undo.end") {
      this.#print([`  ${prefix}${news.result === "done" ? this.#paint("green", "↩") : this.#paint("red", "✖")} ${news.title}`]);
      return;
    }
    if (news.result === "skipped") {
      this.#skipped(plan, news.step, prefix);
      return;
    }
    const title = titleOf(plan, news.step);
    if (news.result === "nothing") {
      if (news.note === "") return;
      this.#print([`  ${prefix}${this.#paint("dim", `– ${news.note ?? `${title}: nothing to do`}`)}`]);
      return;
    }
    const mark = { done: this.#paint("green", "✔"), failed: this.#paint("red", "✖") }[news.result];
    this.#print([`  ${prefix}${mark} ${title.padEnd(48)} ${seconds(news.ms).padStart(8)}`]);
  }

  /** What a guard left out is one line, however many steps it was. */
  #skipped(plan: Plan, id: string, prefix: string): void {
    const guard = plan.steps.find((step) => step.id === id)?.guard;
    if (!guard || this.#told.has(`${plan.id} ${guard.id}`)) return;
    this.#told.add(`${plan.id} ${guard.id}`);
    this.#print([`  ${prefix}${this.#paint("dim", `– ${guard.otherwise}`)}`]);
  }

  #end(report: RunReport): readonly string[] {
    const { plan, failure, gap } = report;
    if (failure) {
      const { changed } = failure.parts;
      const seen = changed && gap && gap.failed > 0 ? `${changed}; meanwhile ${gapText(gap)}` : changed;
      return [
        "",
        ...failureLines({ ...failure.parts, changed: seen, run: undefined }, this.#paint),
        ...runLine(plan, this.#paint),
      ];
    }
    const recorded = this.#recorded(report);
    const users = gap ? ` · ${gapText(gap)}` : "";
    return [
      "",
      `${this.#paint("green", recorded ? (plan.outcome ?? "done") : "done")} · ${seconds(report.ms)}${users}`,
      ...(plan.undoneBy && recorded ? [this.#paint("dim", `undo: ${plan.undoneBy}`)] : []),
    ];
  }

  /** A release whose record was left out, since nothing was replaced, is none. */
  #recorded(report: RunReport): boolean {
    const last = report.plan.steps.at(-1);
    return last === undefined || !report.skipped.includes(last.id);
  }

  #print(lines: readonly string[]): void {
    this.#erase();
    for (const line of lines) this.#out.write(`${line}\n`);
    this.#draw();
  }

  #draw(): void {
    if (!this.#out.isTTY) return;
    this.#erase();
    const now = [...this.#current.values()].map((one) => `${one.title} ${seconds(Date.now() - one.since)}`).join("   ");
    if (now === "") return;
    const line = `  … ${now}`.slice(0, Math.max(20, this.#out.columns ?? 80) - 1);
    this.#out.write(this.#paint("dim", line));
    this.#drawn = true;
  }

  #erase(): void {
    if (this.#drawn) this.#out.write("\r\x1b[2K");
    this.#drawn = false;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#erase();
  }
}

function titleOf(plan: Plan, id: string): string {
  return plan.steps.find((step) => step.id === id)?.title ?? id;
}

function runLine(plan: Plan, paint: Paint): readonly string[] {
  return [`  ${paint("dim", "run".padEnd(9))} ${plan.id} · tend journal ${plan.app} ${plan.id}`];
}
