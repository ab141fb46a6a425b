import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { Config } from "../config.ts";

export interface CommandContext {
  readonly config: Config;
  readonly args: readonly string[];
  readonly print: (line: string) => void;
}

export interface Command {
  readonly summary: string;
  run(context: CommandContext): Promise<void>;
}

/** What was called in a way that can't be meant. */
export class Usage extends Error {
  override name = "Usage";
}

/** `--name VALUE` for each of the names, all of them needed, and `--flag` for each of the flags. */
export function options<Name extends string, Flag extends string = never>(
  args: readonly string[],
  names: readonly Name[],
  flags: readonly Flag[] = [],
): Record<Name, string> & Record<Flag, boolean> {
  const known = Object.fromEntries([
    ...names.map((name) => [name, { type: "string" as const }]),
    ...flags.map((flag) => [flag, { type: "boolean" as const, default: false }]),
  ]);
  const given = parse(args, known);
  const missing = names.find((name) => !Object.hasOwn(given, name));
  if (missing) throw new Usage(`--${missing} is missing`);
  return given as Record<Name, string> & Record<Flag, boolean>;
}

function parse(args: readonly string[], known: ParseArgsOptionsConfig): object {
  try {
    return parseArgs({ args: [...args], options: known, strict: true }).values;
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : String(error));
  }
}
