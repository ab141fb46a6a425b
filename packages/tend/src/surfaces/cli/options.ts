import { type Command, Option } from "commander";
import { isExecuted, type Operation } from "../../operation.ts";
import type { Inputs, Param, Params } from "../../params.ts";

/** What every verb takes, before it or after it. After it, `-f` is the verb's own: `tend logs -f`. */
export function globalOptions(command: Command, place: "before" | "after"): void {
  command
    .addOption(
      new Option(
        `${place === "before" ? "-f, " : ""}--file <path>`,
        "the declaration; without it, tend.yaml here or in a folder above",
      ),
    )
    .addOption(new Option("-e, --environment <name>", "the apps as this environment of the declaration overlays them"))
    .addOption(new Option("--json", "JSON for scripts, version 1; NDJSON while something runs"))
    .addOption(new Option("--no-color", "no colours; NO_COLOR in the environment does the same"));
}

/** Whether it executes a plan, or does with one of its flags. */
export function takesAPlan(operation: Operation): boolean {
  return isExecuted(operation) || (operation.kind === "report" && operation.acts !== undefined);
}

/** What every plan takes. */
export function planOptions(command: Command, operation: Operation): void {
  command.addOption(new Option("--dry-run", "show the plan, as it would be executed, and change nothing"));
  if ((operation.kind === "planned" || operation.kind === "host") && operation.asks) {
    command.addOption(new Option("--confirm <name>", `the name that would be asked for: ${operation.asks}`));
  }
}

export function paramOptions(command: Command, operation: Operation): void {
  for (const [name, param] of Object.entries(operation.params)) {
    if (param.place === "option") command.addOption(new Option(flagText(name, param), param.summary));
    else command.argument(argumentText(param), param.summary);
  }
}

/** `--force-recreate` for `forceRecreate`. */
export function flagName(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function flagText(name: string, param: Param<unknown>): string {
  const short = param.short ? `-${param.short}, ` : "";
  return `${short}${flagName(name)}${param.value === "none" ? "" : ` <${param.label}>`}`;
}

function argumentText(param: Param<unknown>): string {
  const label = param.place === "rest" ? `${param.label}...` : param.label;
  return param.required ? `<${label}>` : `[${label}]`;
}

/** Throws a `usage` failure for a value that can't be right. */
export function readInputs(operation: Operation, command: Command): Inputs<Params> {
  const values: readonly unknown[] = command.processedArgs;
  let at = 0;
  return Object.fromEntries(
    Object.entries(operation.params).map(([name, param]) => {
      const value = param.place === "option" ? optionValue(command, name) : values[at++];
      return [name, param.parse(asGiven(value))];
    }),
  );
}

/** Of `--no-tty` commander makes a `tty` that is true until it is given. */
function optionValue(command: Command, name: string): unknown {
  const negated = /^no([A-Z])(.*)$/.exec(name);
  return negated ? command.opts()[`${negated[1]?.toLowerCase()}${negated[2]}`] === false : command.opts()[name];
}

function asGiven(value: unknown): readonly string[] | boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value as boolean | undefined;
  return Array.isArray(value) ? value.map(String) : [String(value)];
}
