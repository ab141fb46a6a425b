import type { Command } from "./commands/command.ts";
import { databaseCommands } from "./commands/database.ts";
import { readConfig } from "./config.ts";
import { describeError } from "./log.ts";

const commands: Record<string, Command> = { ...databaseCommands };

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;

if (!command) {
  console.error(`usage: npm run cli -- COMMAND\n`);
  for (const [known, { summary }] of Object.entries(commands)) console.error(`  ${known.padEnd(12)} ${summary}`);
  process.exitCode = 2;
} else {
  try {
    const { databaseUrl } = readConfig(process.env);
    await command.run({ databaseUrl, args, print: (line) => console.log(line) });
  } catch (error) {
    console.error(describeError(error));
    process.exitCode = 1;
  }
}
