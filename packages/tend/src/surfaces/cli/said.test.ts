import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { operations } from "../../operations/index.ts";
import { globalOptions, paramOptions, planOptions, readInputs, takesAPlan } from "./options.ts";

/** Commands that tend tells people to use, in its findings, errors and explanations: each of them has to be one. */

const SOURCE = join(import.meta.dirname, "../..");
const shipped = globSync("**/*.ts", { cwd: SOURCE }).filter((file) => !/(\.test|\/testing)\.ts$/.test(file));

/** What is filled in, and what is meant to be: as good as a name as it is as a number. */
const FILLED = "1";
/** With any other word the sentence goes on. */
const VALUE = /^1(@newest)?$|^newest$/;
/** The command line's own, which are no operations. */
const BUILT_IN = new Set(["help", "completion", "complete"]);

/** `restore 1 newest --database 1 and what else the sentence says`. */
function commandsIn(text: string): readonly (readonly string[])[] {
  const plain = withoutHoles(text.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, "").replaceAll(/\s\/\/ .*$/gm, ""));
  return [...plain.matchAll(/(?<![\w.-])tend ([a-z][^`"'\n;,()…]*)/g)].map(([, said = ""]) =>
    said
      .replace(/[.:|](\s.*)?$/, "")
      .split(/\s+/)
      .filter(Boolean)
      .map((word) => word.replaceAll(/[A-Z]+/g, FILLED)),
  );
}

/** From the innermost outwards. */
function withoutHoles(text: string): string {
  const filled = text.replaceAll(/\$\{[^{}]*\}/g, FILLED);
  return filled === text ? text : withoutHoles(filled);
}

function entryOf(words: readonly string[]) {
  return operations
    .filter(({ name }) => name.split(" ").every((word, at) => words[at] === word))
    .sort((one, other) => other.name.length - one.name.length)[0];
}

/** "tend keeps the images" is a sentence; with a value or a flag behind it, even a word that is no verb is meant as one. */
function isCommand(words: readonly string[]): boolean {
  if (BUILT_IN.has(words[0] as string)) return false;
  return entryOf(words) !== undefined || words[1] === FILLED || words[1]?.startsWith("--") === true;
}

/** Throws what a person would be told who typed it. */
async function type(words: readonly string[]): Promise<void> {
  const entry = entryOf(words);
  if (!entry) throw new Error(`there is no operation ${words[0]}`);
  const operation = await entry.load();
  const command = new Command(entry.name).exitOverride().configureOutput({ writeErr: () => undefined });
  paramOptions(command, operation);
  globalOptions(command, "after");
  if (takesAPlan(operation)) planOptions(command, operation);
  const typed = typedIn(words.slice(entry.name.split(" ").length), command);
  // A verb, or a flag of its, may be spoken of without what it is for.
  if (!typed.some((word, at) => !word.startsWith("--") && !takesValue(command, typed[at - 1]))) return;
  command.parse(typed, { from: "user" });
  const input = readInputs(operation, command);
  if (operation.kind === "planned") operation.targets(input);
}

/** Up to where the sentence goes on. */
function typedIn(words: readonly string[], command: Command): readonly string[] {
  const typed: string[] = [];
  for (const word of words) {
    if (word === "--") return [...typed, FILLED];
    const isFlag = word.startsWith("-");
    if (isFlag && !command.options.some(({ long, short }) => long === word || short === word)) {
      throw new Error(`${command.name()} has no ${word}`);
    }
    if (!isFlag && !VALUE.test(word) && !takesValue(command, typed.at(-1))) break;
    typed.push(word);
  }
  return typed;
}

function takesValue(command: Command, flag = ""): boolean {
  return command.options.some(({ long, short, required }) => required && (long === flag || short === flag));
}

describe("a command that is told to people is one:", () => {
  const told = shipped.flatMap((file) =>
    commandsIn(readFileSync(join(SOURCE, file), "utf8"))
      .filter(isCommand)
      .map((words) => [words.join(" "), file] as const),
  );

  test("there are many", () => expect(told.length).toBeGreaterThan(100));

  test.each(told)("tend %s (%s)", async (said) => {
    await expect(type(said.split(" "))).resolves.toBeUndefined();
  });
});
