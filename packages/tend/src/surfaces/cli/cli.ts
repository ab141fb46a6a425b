import { Command, CommanderError } from "commander";
import { EXIT, Failure } from "../../model/failure.ts";
import type { Operation } from "../../operation.ts";
import { type Entry, operations } from "../../operations/index.ts";
import { VERSION } from "../../version.ts";
import { globalOptions, paramOptions, planOptions, readInputs, takesAPlan } from "./options.ts";
import type { Globals } from "./run.ts";

const GROUPS: Readonly<Record<Entry["group"], string>> = {
  releases: "Releases:",
  data: "Data:",
  containers: "Containers:",
  looking: "Looking:",
  edge: "Routes, certificates, names:",
  host: "Hosts:",
  runs: "Runs:",
};

/** Understands a command line and does what it says; answers the exit code. */
export async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  let exit: number = EXIT.ok;
  const program = new Command("tend")
    .description("The runbook that runs: deploy, roll back and see Docker Compose apps over SSH.")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "say how it is used")
    .showHelpAfterError("(tend --help says more)")
    .enablePositionalOptions()
    .exitOverride();
  globalOptions(program, "before");
  const wanted = wantedOf(argv.slice(firstWord(argv)));
  for (const entry of operations) {
    const command = commandFor(program, entry);
    if (entry !== wanted) continue;
    const operation = await entry.load();
    describe(command, operation);
    command.action(async () => {
      const globals = program.optsWithGlobals<Globals>();
      const { runOperation } = await import("./run.ts");
      exit = await runOperation(operation, readInputs(operation, command), { ...globals, ...command.opts() }, signal);
    });
  }
  await addCompletion(program, argv);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      if (argv.includes("--json")) await printUsageAsJson(error.message);
      return EXIT.usage;
    }
    if (error instanceof Failure) {
      const { printFailure } = await import("./run.ts");
      printFailure(error, argv.includes("--json"));
      return EXIT[error.parts.exit];
    }
    throw error;
  }
}

/** The verb that the first words say: the longer one of `backup verify` and `backup`. */
function wantedOf(words: readonly string[]): Entry | undefined {
  const said = operations.filter((entry) => entry.name.split(" ").every((word, at) => words[at] === word));
  return said.sort((one, other) => other.name.length - one.name.length)[0];
}

/** `db shell` stands under `db`, which may be a verb of its own. */
function commandFor(program: Command, entry: Entry): Command {
  const [first = "", second] = entry.name.split(" ");
  const own = program.commands.find((command) => command.name() === first);
  const parent = own ?? program.command(first).summary(entry.summary).helpGroup(GROUPS[entry.group]);
  if (second === undefined) return parent.summary(entry.summary);
  if (!own) parent.summary(`${first} ${siblings(first)}`).description(`${first} ${siblings(first)}`);
  return parent.command(second).summary(entry.summary);
}

function siblings(first: string): string {
  return operations.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : [])).join(", ");
}

/** The same in words has gone to stderr already. */
async function printUsageAsJson(message: string): Promise<void> {
  const { printFailure } = await import("./run.ts");
  printFailure(new Failure({ id: "usage", exit: "usage", title: message.replace(/^error: /, "") }), true);
}

function describe(command: Command, operation: Operation): void {
  command.description(
    [`${operation.summary}.`, ...(operation.details ? ["", operation.details.replaceAll("\n", " ")] : [])].join("\n"),
  );
  paramOptions(command, operation);
  globalOptions(command, "after");
  if (takesAPlan(operation)) planOptions(command, operation);
  const examples = operation.examples.map((example) => `  ${example.command}\n      ${example.explains}`);
  command.addHelpText("after", `\nExamples:\n${examples.join("\n")}`);
}

/** Where the verb stands: global options may come before it. */
function firstWord(argv: readonly string[]): number {
  const takesValue = new Set(["-f", "--file", "-e", "--environment"]);
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] as string;
    if (takesValue.has(word)) at += 1;
    else if (!word.startsWith("-")) return at;
  }
  return -1;
}

async function addCompletion(program: Command, argv: readonly string[]): Promise<void> {
  program
    .command("completion")
    .argument("[shell]", "bash, zsh or fish")
    .summary("Print the completion script of a shell")
    .helpGroup("Runs:")
    .action(async (shell: string | undefined) => {
      const { completionScript } = await import("./completion.ts");
      process.stdout.write(completionScript(shell));
    });
  if (argv[0] !== "complete") return;
  const { complete } = await import("./completion.ts");
  program
    .command("complete", { hidden: true })
    .allowUnknownOption()
    .argument("[words...]")
    .action(async (words: string[]) => {
      process.stdout.write(await complete(words));
    });
}
