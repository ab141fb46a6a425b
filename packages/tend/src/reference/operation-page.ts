import { Command } from "commander";
import type { ExitName } from "../model/failure.ts";
import { isExecuted, type Operation } from "../operation.ts";
import { globalOptions, paramOptions, planOptions, takesAPlan } from "../surfaces/cli/options.ts";
import { EXITS } from "./exits.ts";
import { code, fence, page, table } from "./markdown.ts";

/** One operation's page, made from what its help is made from. */
export function operationPage(operation: Operation): string {
  const command = commandOf(operation);
  return page(
    `# tend ${operation.name}`,
    `${operation.summary}.`,
    (operation.details ?? "").replaceAll("\n", " "),
    "## Usage",
    fence("", `tend ${operation.name} ${command.usage()}`),
    table(
      ["argument", "", ""],
      command.registeredArguments.map((argument) => [
        code(argument.name()),
        argument.required ? "needed" : "",
        argument.description,
      ]),
    ),
    table(
      ["option", ""],
      command.options.map((option) => [code(option.flags), option.description]),
    ),
    "## Examples",
    operation.examples.map((example) => `${fence("sh", example.command)}\n${example.explains}`).join("\n\n"),
    "## What it does to the host",
    operation.kind === "stream" && operation.effect !== "reads"
      ? "What it changes is up to the command."
      : EFFECTS[operation.effect],
    KINDS[operation.kind],
    "## Exit codes",
    table(
      ["code", ""],
      EXITS.filter((exit) => exitsOf(operation).includes(exit.name)).map((exit) => [
        code(String(exit.code)),
        (isExecuted(operation) ? undefined : WITHOUT_A_PLAN[exit.name]) ?? exit.means,
      ]),
    ),
    operation.name === "exec" ? "Otherwise the status of the command itself." : "",
  );
}

function commandOf(operation: Operation): Command {
  const command = new Command(operation.name);
  paramOptions(command, operation);
  globalOptions(command, "after");
  if (takesAPlan(operation)) {
    planOptions(command, operation);
  }
  return command;
}

const EFFECTS: Readonly<Record<Operation["effect"], string>> = {
  reads: "It reads: containers, files and branches stay as they are, and no lock is taken.",
  changes: "It changes something there. No volume and no data is removed.",
  destroys: "It destroys something there.",
};

const KINDS: Readonly<Record<Operation["kind"], string>> = {
  planned:
    "It is a plan: `--dry-run` prints it, the journal keeps it, the app's lock is held while it is executed, and a run that was cut short can be [resumed](resume.md).",
  resumed: "It makes no plan of its own: it executes the rest of one that is kept with its run.",
  host: "It is a plan about the host itself: `--dry-run` prints it, the host's own journal keeps it (`tend journal @HOST`), and its own lock is held while it is executed.",
  report: "It is not kept in the journal.",
  stream: "It is not kept in the journal.",
};

/** What a code comes to where nothing is executed step by step. */
const WITHOUT_A_PLAN: Partial<Record<ExitName, string>> = {
  ok: "done",
  failed: "it failed",
  refused: "what was asked for isn't there, or can't be done now",
};

function exitsOf(operation: Operation): readonly ExitName[] {
  const always = ["ok", "failed", "usage", "refused", "unreachable"] as const;
  if (isExecuted(operation)) {
    const asks = operation.kind !== "resumed" && operation.asks ? (["approval"] as const) : [];
    return [...always, ...asks, "locked", "resumable", "interrupted"];
  }
  return ["check", "backup verify", "db diff", "doctor"].includes(operation.name) ? [...always, "findings"] : always;
}
