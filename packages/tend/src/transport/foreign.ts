/**
 * Scripts on their way through a login shell that need not be a POSIX one: sshd runs a command with whatever shell
 * the user has, and fish and csh read quotes, backslashes and `!` in their own ways. So a script travels encoded in
 * characters that mean themselves within single quotes everywhere, and a `sh` that is called by a fixed text decodes it.
 */
import { ANNOUNCE } from "./announcement.ts";
import type { Script } from "./argv.ts";

/** In a subshell, a death by signal is a status too; the trap lets Ctrl-C reach the script without ending its `sh`. */
const evaluate = (encoded: string) => `trap : INT; (eval "$(printf %b "${encoded}")"); exit $?`;

/**
 * For scripts with a stdin of their own, `scriptLine` is the first line of it: `read` takes a byte at a time, so that
 * what follows is left for the script, and it has no limit of length. A line that was cut off is not run.
 */
export const SH_FROM_STDIN = `exec sh -c '${ANNOUNCE}; IFS= read -r script || exit; ${evaluate("$script")}'`;

export function scriptLine(script: Script): string {
  return `${encode(script.text)}\n`;
}

/** For scripts on a terminal, where stdin can't carry them; Linux allows a single argument 128 KiB. */
export function shWithArgument(script: Script): string {
  return `exec sh -c '${evaluate("$1")}' sh '${encode(script.text)}'`;
}

const PLAIN = /[^\x20-\x7e]|['\\!]/gu;

/** For `printf %b`: octal for all but plain ASCII. */
function encode(text: string): string {
  if (text.includes("\0")) throw new TypeError("a script can't contain a NUL byte");
  return text.replace(PLAIN, (character) =>
    Array.from(Buffer.from(character), (byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join(""),
  );
}
