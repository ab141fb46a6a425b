import { EXIT } from "../model/failure.ts";
import { ERRORS } from "./errors.ts";
import { EXITS } from "./exits.ts";
import { code, page, table } from "./markdown.ts";

export function errorsPage(): string {
  return page(
    "# Errors and exit codes",
    "## Exit codes",
    table(
      ["code", ""],
      EXITS.map((exit) => [code(String(exit.code)), exit.means]),
    ),
    "Never 255: that is ssh's own. `tend exec` ends with the status of the command that it ran. Of several apps' failures with different codes, tend ends with 1.",
    "## An error",
    "An error says, as far as it is known: what is wrong, `where`, the `evidence` (at most five lines, the first that look like trouble, with secrets taken out), `why`, what has `changed` and what has not, what would `help`, and the `run`. An app's errors are part of what a plan prints, on standard output; those that come before any app is looked at (a mistake in `tend.yaml`, an unknown app) and those of the other verbs are on standard error. `--json` has them as [objects](json.md#an-error).",
    "## Ids",
    "An id is stable: scripts may rely on it. The exit code is the usual one; the same trouble can be `refused` (5) before anything changed, and `failed` (1) in the middle of a build.",
    table(
      ["id", "exit", ""],
      Object.entries(ERRORS)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([id, { exit, means }]) => [code(id), String(EXIT[exit]), means]),
    ),
  );
}
