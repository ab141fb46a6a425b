import { expect, vi } from "vitest";
import { type Script, sh } from "../../packages/tend/src/transport/argv.ts";
import { commandLine, processes } from "./processes.ts";

export const MEGABYTE = 1024 * 1024;

/** A script that takes a while, and the command line by which to find it among all processes. */
export function uniqueNap(): [Script, string] {
  const seconds = 5 + Math.random();
  return [sh`sleep ${seconds}`, `sleep ${seconds}`];
}

/** Waits until no process of this command line is left. */
export async function gone(line: string): Promise<void> {
  await vi.waitFor(() => expect(processes().filter(({ pid }) => commandLine(pid) === line)).toEqual([]), { timeout: 10_000 });
}

export const STRANGE = [
  ...[
    "",
    " ",
    "'",
    '"',
    "\\",
    "\\\\",
    "\\n",
    "$HOME",
    "`id`",
    "$(id)",
    "!",
    "!!",
    "#",
    "*",
    "~",
    "-n",
    "%s",
    "a\nb",
    "\n",
    "\t",
    "\r",
  ],
  ...["it's", "''", "\u0001\u007F", "é", "\u0081\u0088", "漢字", "\u{1F600}", "\uFEFF", "&;|<>(){}[]?^=", "__tend_end x 0"],
];
