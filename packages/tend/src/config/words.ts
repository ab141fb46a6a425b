import { split } from "shlex";

/** These mean something to a shell alone, and no shell ever sees a declared command. */
const SHELL_WORDS = new Set(["&&", "||", "|", ";", "&", ">", ">>", "<", "<<", "2>", "2>&1", ">&2"]);

/** A command line split as a shell would split it. It is never run through one. */
export function splitWords(line: string): { words: readonly string[] } | { expected: string } {
  const words = trySplit(line);
  if (!words) return { expected: "a command whose quotes are closed" };
  if (words.length === 0 || words[0] === "") return { expected: "a command, such as node src/main.ts" };
  const shell = words.find((word) => SHELL_WORDS.has(word));
  if (shell !== undefined) return { expected: `a command without ${shell}: it runs without a shell (sh -c '…' asks for one)` };
  return { words };
}

function trySplit(line: string): readonly string[] | undefined {
  try {
    return split(line);
  } catch {
    return undefined;
  }
}
