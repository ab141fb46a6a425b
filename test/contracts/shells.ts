import { spawnSync } from "node:child_process";

/** How to call a shell; more options, such as `-c`, follow. */
export type Call = readonly [program: string, ...options: string[]];

/** Shells that a host may have as its `sh`, of those that this machine has. */
export const POSIX_SHELLS: readonly Call[] = present([
  ["sh"],
  ["dash"],
  ["bash", "--posix"],
  ["bash"],
  ["busybox", "sh"],
  ["ksh93"],
  ["zsh", "--emulate", "sh"],
]);

/** Shells that a user may log in with, of those that this machine has. */
export const LOGIN_SHELLS: readonly Call[] = present([["sh"], ["bash"], ["zsh"], ["fish"], ["tcsh"], ["busybox", "sh"]]);

function present(calls: readonly Call[]): readonly Call[] {
  return calls.filter(([program, ...options]) => spawnSync(program, [...options, "-c", "true"]).status === 0);
}
