import { Failure, type FailureParts } from "../model/failure.ts";
import { formatProblems, type Problem } from "./problem.ts";

/** A declaration that can't be used: everything that is wrong with it at once. */
export class ConfigFailure extends Failure {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], parts: FailureParts = describe(problems)) {
    super(parts);
    this.name = "ConfigFailure";
    this.problems = problems;
  }

  /** Every problem with its line and caret: what a person sees in place of the usual error. */
  get text(): string {
    return formatProblems(this.problems);
  }

  override with(more: Partial<FailureParts>): ConfigFailure {
    return new ConfigFailure(this.problems, super.with(more).parts);
  }
}

function describe(problems: readonly Problem[]): FailureParts {
  const [first] = problems;
  const count = problems.length === 1 ? "a mistake" : `${problems.length} mistakes`;
  return {
    id: "config",
    exit: "usage",
    title: `${first?.file ?? "the declaration"} has ${count}`,
    evidence: problems.slice(0, 5).map(({ file, line, column, title }) => `${file}:${line}:${column} ${title}`),
    changed: "nothing",
  };
}
