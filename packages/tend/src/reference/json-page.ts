import { ANSWERS, ERROR_FIELDS, RUN_LINES } from "./json.ts";
import { code, fence, page, table } from "./markdown.ts";

export function jsonPage(): string {
  return page(
    "# JSON",
    "With `--json` a verb prints JSON on standard output, and nothing else there. Every object is on one line and has `v`, the version of the format, which is 1, and `type`. A field may be added in a later release; within version 1 none is removed or given another meaning. Take no notice of types and fields that you don't know.",
    fence("sh", "tend deploy skriptoteket --json | tail -n 1 | jq '.exit, .failures[].id'"),
    "Errors before a run begins (a mistake in `tend.yaml`, an unknown app) are a `result` line too. Mistakes in the words of the command line itself (an unknown option) are text on standard error, exit 2.",
    "## A run",
    "`deploy`, `rollback`, `build`, `start`, `stop`, `restart`, `recreate` and `resume` print a line an event while they run.",
    ...Object.entries(RUN_LINES).map(
      ([type, { when, fields }]) =>
        `### ${type}\n\n${sentence(when)}\n\n${table(
          ["field", ""],
          Object.entries(fields).map(([field, means]) => [code(field), means]),
        )}`,
    ),
    "## An error",
    table(
      ["field", ""],
      Object.entries(ERROR_FIELDS).map(([field, means]) => [code(field), means]),
    ),
    "## An answer",
    "These print one line, whose `type` is the verb.",
    ...Object.entries(ANSWERS).map(
      ([verb, fields]) =>
        `### ${verb}\n\n${table(
          ["field", ""],
          Object.entries(fields).map(([field, means]) => [field.split(", ").map(code).join(", "), means]),
        )}`,
    ),
    "## Logs",
    "`tend logs --json` prints a line a log line: `type` `log`, `at` (as Docker or the process runtime stamped it), `source` (`APP/SERVICE`) and `text`, with secrets taken out. `tend exec` passes on what its command prints and takes no notice of `--json`.",
    "## In the journal",
    "The events that the host keeps in `journal.jsonl` and `events.jsonl` are of the same version: [what tend leaves on the server](../guide/server.md).",
  );
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}
