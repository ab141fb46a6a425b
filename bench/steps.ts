import type { Workshop } from "../test/lab/workshop.ts";

/** What tend prints with --json; throws when it fails. */
export async function tendJson(workshop: Workshop, ...words: readonly string[]): Promise<string> {
  const result = await workshop.tend(...words, "--json");
  if (result.exit !== 0) throw new Error(`tend ${words.join(" ")}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

interface StepEnd {
  readonly type: string;
  readonly step: string;
  readonly ms: number;
}

export function stepsOf(json: string): readonly StepEnd[] {
  return json
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as StepEnd)
    .filter((one) => one.type === "step.end");
}

/** What these steps took on the host, in milliseconds: without ssh, and without tend's own start. */
export function stepTime(json: string, ...steps: readonly string[]): number {
  return stepsOf(json)
    .filter(({ step }) => steps.includes(step))
    .reduce((sum, { ms }) => sum + ms, 0);
}
