import { createInterface } from "node:readline/promises";
import { Failure } from "../../model/failure.ts";
import type { Stakes } from "../../plan/plan.ts";

/**
 * Has the person type the name of what is at stake, or takes it from `--confirm`. Without a terminal nobody is asked:
 * a script says the name, or is refused.
 */
export async function approve(
  stakes: Stakes,
  given: string | undefined,
  mayAsk: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const asked = given ?? (mayAsk && process.stdin.isTTY && process.stdout.isTTY ? await ask(stakes, signal) : undefined);
  if (asked === stakes.name) return;
  throw new Failure({
    id: "plan.unconfirmed",
    exit: "approval",
    title:
      asked === undefined
        ? `${stakes.text.replace(/\.$/, "")}, and nobody has confirmed it`
        : `"${asked}" is not "${stakes.name}"`,
    changed: "nothing",
    help: `add --confirm ${stakes.name}`,
  });
}

async function ask(stakes: Stakes, signal: AbortSignal | undefined): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = terminal.question(`${stakes.text}\nType ${stakes.name} to go on: `, signal ? { signal } : {});
    return (await answer).trim();
  } finally {
    terminal.close();
  }
}
