import { type Script, sh } from "../transport/argv.ts";

/**
 * A shell function `root`: its words as a command of root's, where the user is root or may be by sudo without a password.
 * Elsewhere it ends with 77, and nothing is asked: sudo would write a complaint to root for a user it doesn't know.
 */
export const ROOT: Script = sh`root() {
  if [ "$(id -u)" = 0 ]; then "$@"; return; fi
  case " $(id -Gn) " in *" sudo "* | *" wheel "* | *" admin "*) sudo -n true 2>/dev/null && { sudo -n "$@"; return; } ;; esac
  return 77
}`;

/** What `root` ends with when the user can't be root. */
export const NOT_ROOT = 77;

/** A command of root's, as a step or a fix does it: it fails with sudo's own words where the user may not. */
export function asRoot(argv: readonly string[]): Script {
  return sh`if [ "$(id -u)" = 0 ]; then ${argv}; else sudo -n ${argv}; fi`;
}
